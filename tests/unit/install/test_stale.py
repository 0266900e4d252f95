"""What runs with an older configuration than that which lies there is found by the times of both."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_deployment import small

from pacemaker_os.install.facts import FileFacts, HostFacts, UnitFacts
from pacemaker_os.install.node_log import logged
from pacemaker_os.install.restart import restart_stale, stale
from pacemaker_os.install.run import News, Run
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

CONF = "/etc/keystone/keystone.conf"
UNIT = "keystone.service"
NODES = ("controller01", "controller02", "controller03")


def wanted(node: str) -> WantedHost:
    file = WantedFile(
        path=CONF, content=Secret(""), shown="", owner="root:root", mode=0o644, service="keystone"
    )
    return WantedHost(host=node, packages=(), files=(file,), folders=(), owned=(UNIT,), masked=(), enabled=())


def facts(node: str, *, written: float, since: int, reloads: bool = False) -> HostFacts:
    unit = UnitFacts(
        known=True, enabled="disabled", active=since > 0, restart="no", since=since, reloads=reloads
    )
    return HostFacts(host=node, files={CONF: FileFacts("0", "root:root", 0o644, written)}, units={UNIT: unit})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A deployment of three nodes on which all is right."""
    deployment = small()
    nodes = {node: logged(FakeTransport(name=node), tmp_path, node, ()) for node in NODES}
    told: list[News] = []
    run = Run(deployment, deployment.cloud, {}, nodes, tmp_path, told.append)
    run.wanted = {node: wanted(node) for node in NODES}
    run.facts = {node: facts(node, written=100.2, since=101) for node in NODES}
    return run


@pytest.mark.parametrize(
    ("written", "since", "found"),
    [(100.2, 101, False), (100.2, 100, False), (101.0, 100, True), (200.0, 0, False)],
)
def test_a_file_that_is_newer_than_its_running_unit_is_found(
    run: Run, written: float, since: int, found: bool
) -> None:
    run.facts["controller02"] = facts("controller02", written=written, since=since)
    assert [each.node for each in stale(run, ["keystone"])] == (["controller02"] if found else [])


def test_a_unit_that_systemd_keeps_is_not_restarted_by_pacemaker(run: Run) -> None:
    run.facts["controller02"] = facts("controller02", written=200.0, since=100)
    run.wanted["controller02"] = replace(run.wanted["controller02"], owned=())
    assert list(stale(run, ["keystone"])) == []


def test_clones_are_restarted_node_after_node(run: Run) -> None:
    for node in ("controller01", "controller03"):
        run.facts[node] = facts(node, written=200.0, since=100)
    script = run.transports["controller01"].inner
    assert isinstance(script, FakeTransport)
    line = ("crm_resource", "--restart", "--timeout=300s", "--resource", "keystone-clone", "--node")
    script.script = [Expect((*line, "controller01")), Expect((*line, "controller03"))]
    restart_stale(run, ["keystone"])
    script.finish()
    assert run.changed == ["controller01: restart of keystone", "controller03: restart of keystone"]


def test_a_unit_that_can_is_reloaded_where_it_runs(run: Run) -> None:
    run.facts["controller02"] = facts("controller02", written=200.0, since=100, reloads=True)
    script = run.transports["controller02"].inner
    assert isinstance(script, FakeTransport)
    script.script = [Expect(("systemctl", "reload", UNIT))]
    restart_stale(run, ["keystone"])
    script.finish()
