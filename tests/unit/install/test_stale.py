"""What runs with an older configuration than that which lies there is found by the times of both."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_deployment import small

from pacemaker_os.cluster import Cluster
from pacemaker_os.install.context.context import DeployFailed, News, Run
from pacemaker_os.install.facts.host_facts import FileFacts, HostFacts, UnitFacts
from pacemaker_os.install.nodes.log import LoggedTransport, logged
from pacemaker_os.install.nodes.program import program_text
from pacemaker_os.install.restarts import outdated as stale_things
from pacemaker_os.install.restarts import restart
from pacemaker_os.install.restarts.outdated import stale
from pacemaker_os.install.restarts.restart import restart_stale
from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.service import Names
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

CONF = "/etc/keystone/keystone.conf"
UNIT, MORE = "keystone.service", "keystone-more.service"
NODES = ("controller01", "controller02", "controller03")
IDS = ("keystone", "keystone-more", "galera")

#: Where the virtual address is.
HOLDER = "controller02"


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


@pytest.mark.parametrize(("reloads", "verb"), [(False, "restart"), (True, "reload")])
def test_a_unit_that_systemd_keeps_is_told_by_systemd_where_it_runs(
    run: Run, reloads: bool, verb: str
) -> None:
    run.facts["controller02"] = facts("controller02", written=200.0, since=100, reloads=reloads)
    run.wanted["controller02"] = replace(run.wanted["controller02"], owned=(), enabled=(UNIT,))
    script = run.transports["controller02"].inner
    assert isinstance(script, FakeTransport)
    script.script = [Expect(("systemctl", verb, UNIT))]
    restart_stale(run, ["keystone"])
    script.finish()


def test_only_the_nodes_that_are_asked_about_are_looked_at(run: Run) -> None:
    run.facts = {node: facts(node, written=200.0, since=100) for node in NODES}
    assert [each.node for each in stale(run, ["keystone"], ["controller02"])] == ["controller02"]


def test_the_time_server_is_restarted_when_its_file_is_newer(run: Run) -> None:
    path, unit = "/etc/chrony/chrony.conf", "chrony.service"
    file = WantedFile(
        path=path, content=Secret(""), shown="", owner="root:root", mode=0o644, service="chrony"
    )
    run.wanted["controller01"] = replace(run.wanted["controller01"], files=(file,), enabled=(unit,))
    state = UnitFacts(known=True, enabled="enabled", active=True, restart="no", since=100)
    there = {path: FileFacts("0", "root:root", 0o644, 200.0)}
    run.facts["controller01"] = HostFacts(host="controller01", files=there, units={unit: state})
    assert [each.systemctl for each in stale(run, ["chrony"])] == [("restart", unit)]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The role of everything on each node at each look; the last one stays."""
    said: list[Mapping[str, str]] = [dict.fromkeys(NODES, "Started")]

    def look(cluster: Cluster) -> SimpleNamespace:
        roles = said.pop(0) if len(said) > 1 else said[0]
        held = [replace(instance("vip", HOLDER, "Started"), parents=())]
        return SimpleNamespace(
            resources=[*held, *(instance(name, node, roles[node]) for name in IDS for node in roles)]
        )

    monkeypatch.setattr(restart, "read_status", look)
    monkeypatch.setattr(restart, "_PACE", 0.0)
    return said


def instance(name: str, node: str, role: str) -> ResourceState:
    return ResourceState(
        id=name,
        agent="",
        role=role,
        nodes=(node,),
        parents=(f"{name}-clone",),
        active=role != "Stopped",
        failed=False,
        managed=True,
        blocked=False,
        orphaned=False,
    )


#: What is answered of a command that ended well.
WELL = {"status": 0, "said": ""}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What was run to its end, and on which node."""
    found: list[tuple[str, list[str]]] = []

    def run_program(transport: LoggedTransport, name: str, asked: dict[str, Any], **more: Any) -> Any:
        assert name == "run_detached"
        found.append((transport.name, asked["argv"]))
        return WELL

    monkeypatch.setattr(restart, "run_program", run_program)
    return found


def restarted(node: str, *resources: str) -> tuple[str, list[str]]:
    """What restarts clones on a node."""
    asked = {"clones": [f"{name}-clone" for name in resources], "node": node, "timeout": 300}
    return "controller01", ["/usr/bin/python3", "-I", "-c", program_text("restart_clones", asked)]


@pytest.mark.usefixtures("looks")
def test_clones_are_restarted_node_after_node(run: Run, ran: list[tuple[str, list[str]]]) -> None:
    for node in ("controller01", "controller03"):
        run.facts[node] = facts(node, written=200.0, since=100)
    restart_stale(run, ["keystone"])
    assert ran == [restarted("controller01", "keystone"), restarted("controller03", "keystone")]
    assert run.changed == ["controller01: restart of keystone", "controller03: restart of keystone"]


def test_what_is_stale_of_a_service_is_restarted_together_on_a_node(
    run: Run,
    looks: list[Mapping[str, str]],
    ran: list[tuple[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = CATALOGUE["keystone"]
    unit = page.units[0]
    more = replace(unit, resource="keystone-more", unit=Names(debian=("keystone-more",)))
    pages = {**CATALOGUE, "keystone": replace(page, units=(unit, more))}
    monkeypatch.setattr(stale_things, "CATALOGUE", pages)
    for node in ("controller02", "controller03"):
        old = facts(node, written=200.0, since=100)
        run.facts[node] = replace(old, units=dict.fromkeys((UNIT, MORE), old.units[UNIT]))
        run.wanted[node] = replace(run.wanted[node], owned=(UNIT, MORE))
    restart_stale(run, ["keystone"])
    names = ("keystone", "keystone-more")
    assert ran == [restarted(node, *names) for node in ("controller03", HOLDER)]
    assert run.changed == [
        f"{node}: restart of {name}" for node in ("controller03", HOLDER) for name in names
    ]


@pytest.mark.usefixtures("looks")
def test_what_runs_once_is_restarted_by_itself(
    run: Run, ran: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = CATALOGUE["keystone"]
    single = replace(page, units=(replace(page.units[0], single=True),))
    monkeypatch.setattr(stale_things, "CATALOGUE", {**CATALOGUE, "keystone": single})
    run.facts["controller02"] = facts("controller02", written=200.0, since=100)
    restart_stale(run, ["keystone"])
    line = ["crm_resource", "--restart", "--timeout=300s", "--resource", "keystone"]
    assert ran == [("controller01", line)]


def test_a_unit_that_can_is_reloaded_where_it_runs(run: Run) -> None:
    run.facts["controller02"] = facts("controller02", written=200.0, since=100, reloads=True)
    script = run.transports["controller02"].inner
    assert isinstance(script, FakeTransport)
    script.script = [Expect(("systemctl", "reload", UNIT))]
    restart_stale(run, ["keystone"])
    script.finish()


GALERA = "/etc/mysql/mariadb.conf.d/90-openstack.cnf"


@pytest.fixture
def database(run: Run) -> Run:
    """A deployment in which the database of every controller began before its file was written."""
    file = WantedFile(
        path=GALERA, content=Secret(""), shown="", owner="root:root", mode=0o644, service="galera"
    )
    for node in NODES:
        run.wanted[node] = replace(run.wanted[node], files=(file,), daemons=(("galera", "galera"),))
        there = {GALERA: FileFacts("0", "root:root", 0o644, 200.0)}
        run.facts[node] = HostFacts(host=node, files=there, daemons={"galera": 100})
    return run


ALL = dict.fromkeys(NODES, "Promoted")


def test_an_agents_daemon_is_restarted_where_all_connections_go_last(
    database: Run, looks: list[Mapping[str, str]], ran: list[tuple[str, list[str]]]
) -> None:
    looks[:] = [ALL]
    restart_stale(database, ["galera"])
    order = ("controller03", "controller01", HOLDER)
    assert ran == [restarted(node, "galera") for node in order]


def test_the_next_node_waits_until_the_database_is_promoted_again(
    database: Run, looks: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    database.facts = {node: database.facts[node] for node in NODES[:2]}
    waits = [ALL | {"controller02": role} for role in ("Stopped", "Unpromoted")]
    looks[:] = [ALL, ALL, *waits, ALL]
    left: list[int] = []

    def run_program(*given: Any, **more: Any) -> Any:
        left.append(len(looks))
        return WELL

    monkeypatch.setattr(restart, "run_program", run_program)
    restart_stale(database, ["galera"])
    assert left == [3, 1], "the second restart comes after all looks at the first"


def test_what_crm_resource_says_when_it_fails_is_told(
    database: Run, looks: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks[:] = [ALL]
    monkeypatch.setattr(
        restart, "run_program", lambda *given, **more: {"status": 124, "said": "no more time"}
    )
    with pytest.raises(DeployFailed, match=r"controller03: restart galera.*: no more time"):
        restart_stale(database, ["galera"])


@pytest.mark.usefixtures("ran")
def test_a_daemon_that_does_not_come_back_ends_the_restarts(
    database: Run, looks: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks[:] = [ALL, ALL, ALL | {"controller03": "Unpromoted"}]
    monkeypatch.setattr(restart, "_TIMEOUT", 0)
    with pytest.raises(DeployFailed, match="Unpromoted on controller03; other nodes keep the older"):
        restart_stale(database, ["galera"])


def test_the_last_instance_is_not_restarted(database: Run, looks: list[Mapping[str, str]]) -> None:
    looks[:] = [dict.fromkeys(NODES, "Stopped") | {"controller03": "Promoted"}]
    with pytest.raises(DeployFailed, match="runs on controller03 alone"):
        restart_stale(database, ["galera"])


def test_a_daemon_that_began_after_its_file_is_left_alone(database: Run) -> None:
    for node in NODES:
        database.facts[node] = replace(database.facts[node], daemons={"galera": 200})
    assert list(stale(database, ["galera"])) == []
