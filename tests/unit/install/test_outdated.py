"""Restarts of services with an outdated configuration, which times of files and units reveal."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_deployment import small_context

from pacemaker_os.cluster import Cluster
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.inventory import Inventory
from pacemaker_os.install.context.recorder import DeployFailed
from pacemaker_os.install.facts.host_facts import FileFacts, HostFacts, UnitFacts
from pacemaker_os.install.nodes.log import LoggedTransport, logged
from pacemaker_os.install.nodes.program import program_text
from pacemaker_os.install.restarts import outdated, restart
from pacemaker_os.install.restarts.outdated import NeededRestart, needed_restarts
from pacemaker_os.install.restarts.restart import restart_outdated
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost
from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

CONF = "/etc/keystone/keystone.conf"
UNIT, SECOND_UNIT = "keystone.service", "keystone-second.service"
NODES = ("controller01", "controller02", "controller03")
RESOURCES = ("keystone", "keystone-second", "galera")

#: The node with the virtual IP address.
VIP_NODE = "controller02"


def file_of(service: str, path: str) -> DesiredFile:
    return DesiredFile(
        path=path, content=Secret(""), redacted="", owner="root:root", mode=0o644, service=service
    )


def desired(node: str) -> DesiredHost:
    files = (file_of("keystone", CONF),)
    return DesiredHost(
        host=node, packages=(), files=files, directories=(), owned=(UNIT,), masked=(), enabled=()
    )


def facts(node: str, *, written: float, since: int, reloads: bool = False) -> HostFacts:
    unit = UnitFacts(
        known=True, enabled="disabled", active=since > 0, restart="no", since=since, reloads=reloads
    )
    return HostFacts(host=node, files={CONF: FileFacts("0", "root:root", 0o644, written)}, units={UNIT: unit})


def outdated_facts(node: str, *, reloads: bool = False) -> HostFacts:
    return facts(node, written=200.0, since=100, reloads=reloads)


@pytest.fixture
def context(tmp_path: Path) -> DeployContext:
    """A deployment of three nodes that need no restart."""
    nodes = {node: logged(FakeTransport(name=node), tmp_path, node, ()) for node in NODES}
    context = small_context(tmp_path, transports=nodes)
    for node in NODES:
        context.inventory.update(node, desired(node), facts(node, written=100.2, since=101))
    return context


@pytest.fixture
def inventory(context: DeployContext) -> Inventory:
    return context.inventory


def needed(context: DeployContext, services: list[str], nodes: tuple[str, ...] = ()) -> list[NeededRestart]:
    return list(needed_restarts(context.cloud, context.inventory, services, nodes))


def expect(context: DeployContext, node: str, *argv: str) -> FakeTransport:
    """Let a node expect a command."""
    script = context.transports[node].inner
    assert isinstance(script, FakeTransport)
    script.script = [Expect(argv)]
    return script


@pytest.mark.parametrize(
    ("written", "since", "found"),
    [(100.2, 101, False), (100.2, 100, False), (101.0, 100, True), (200.0, 0, False)],
)
def test_needed_restarts_compares_file_time_with_unit_start(
    context: DeployContext, written: float, since: int, found: bool
) -> None:
    context.inventory.facts["controller02"] = facts("controller02", written=written, since=since)
    assert [each.node for each in needed(context, ["keystone"])] == (["controller02"] if found else [])


def test_needed_restarts_is_limited_to_given_nodes(context: DeployContext, inventory: Inventory) -> None:
    inventory.facts = {node: outdated_facts(node) for node in NODES}
    assert [each.node for each in needed(context, ["keystone"], ("controller02",))] == ["controller02"]


def test_needed_restarts_of_systemd_unit_uses_systemctl(context: DeployContext, inventory: Inventory) -> None:
    path, unit = "/etc/chrony/chrony.conf", "chrony.service"
    state = UnitFacts(known=True, enabled="enabled", active=True, restart="no", since=100)
    files = {path: FileFacts("0", "root:root", 0o644, 200.0)}
    inventory.update(
        "controller01",
        replace(desired("controller01"), files=(file_of("chrony", path),), enabled=(unit,)),
        HostFacts(host="controller01", files=files, units={unit: state}),
    )
    assert [each.systemctl for each in needed(context, ["chrony"])] == [("restart", unit)]


@pytest.mark.parametrize(("reloads", "verb"), [(False, "restart"), (True, "reload")])
def test_restart_outdated_runs_systemctl_on_the_node_of_a_systemd_unit(
    context: DeployContext, inventory: Inventory, reloads: bool, verb: str
) -> None:
    systemd_host = replace(desired("controller02"), owned=(), enabled=(UNIT,))
    inventory.update("controller02", systemd_host, outdated_facts("controller02", reloads=reloads))
    script = expect(context, "controller02", "systemctl", verb, UNIT)
    restart_outdated(context, ["keystone"])
    script.finish()


def test_restart_outdated_reloads_pacemaker_units_that_support_it(
    context: DeployContext, inventory: Inventory
) -> None:
    inventory.facts["controller02"] = outdated_facts("controller02", reloads=True)
    script = expect(context, "controller02", "systemctl", "reload", UNIT)
    restart_outdated(context, ["keystone"])
    script.finish()


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The role of all resources on each node, per poll of the status; the last item is repeated."""
    polls: list[Mapping[str, str]] = [dict.fromkeys(NODES, "Started")]

    def read_status(cluster: Cluster) -> SimpleNamespace:
        roles = polls.pop(0) if len(polls) > 1 else polls[0]
        vip = replace(instance("vip", VIP_NODE, "Started"), parents=())
        instances = (instance(name, node, roles[node]) for name in RESOURCES for node in roles)
        return SimpleNamespace(resources=[vip, *instances])

    monkeypatch.setattr(restart, "read_status", read_status)
    monkeypatch.setattr(restart, "_POLL_INTERVAL", 0.0)
    return polls


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


#: Response of the program `run_detached` after a successful command.
SUCCESS = {"status": 0, "output": ""}

Commands = list[tuple[str, list[str]]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The detached commands, each with its node."""
    found: Commands = []

    def run_program(transport: LoggedTransport, name: str, query: dict[str, Any], **options: Any) -> Any:
        assert name == "run_detached"
        found.append((transport.name, query["argv"]))
        return SUCCESS

    monkeypatch.setattr(restart, "run_program", run_program)
    return found


def clone_restart(node: str, *resources: str) -> tuple[str, list[str]]:
    """The command that restarts clones on a node."""
    query = {"clones": [f"{name}-clone" for name in resources], "node": node, "timeout": 300}
    return "controller01", ["/usr/bin/python3", "-I", "-c", program_text("restart_clones", query)]


@pytest.mark.usefixtures("status")
def test_restart_outdated_restarts_clones_node_by_node(
    context: DeployContext, inventory: Inventory, commands: Commands
) -> None:
    nodes = ("controller01", "controller03")
    for node in nodes:
        inventory.facts[node] = outdated_facts(node)
    restart_outdated(context, ["keystone"])
    assert commands == [clone_restart(node, "keystone") for node in nodes]
    assert context.recorder.changes == [f"{node}: restart of keystone" for node in nodes]


@pytest.mark.usefixtures("status")
def test_restart_outdated_restarts_clones_of_a_service_together(
    context: DeployContext, inventory: Inventory, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SERVICES["keystone"]
    unit = service.units[0]
    second = replace(unit, resource="keystone-second", unit=DistroNames(debian=("keystone-second",)))
    services = {**SERVICES, "keystone": replace(service, units=(unit, second))}
    monkeypatch.setattr(outdated, "SERVICES", services)
    for node in ("controller02", "controller03"):
        old = outdated_facts(node)
        both = replace(old, units=dict.fromkeys((UNIT, SECOND_UNIT), old.units[UNIT]))
        inventory.update(node, replace(desired(node), owned=(UNIT, SECOND_UNIT)), both)
    restart_outdated(context, ["keystone"])
    names, order = ("keystone", "keystone-second"), ("controller03", VIP_NODE)
    assert commands == [clone_restart(node, *names) for node in order]
    assert context.recorder.changes == [f"{node}: restart of {name}" for node in order for name in names]


@pytest.mark.usefixtures("status")
def test_restart_outdated_restarts_single_resource_with_crm_resource(
    context: DeployContext, inventory: Inventory, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SERVICES["keystone"]
    single = replace(service, units=(replace(service.units[0], single=True),))
    monkeypatch.setattr(outdated, "SERVICES", {**SERVICES, "keystone": single})
    inventory.facts["controller02"] = outdated_facts("controller02")
    restart_outdated(context, ["keystone"])
    argv = ["crm_resource", "--restart", "--timeout=300s", "--resource", "keystone"]
    assert commands == [("controller01", argv)]


GALERA = "/etc/mysql/mariadb.conf.d/90-openstack.cnf"


@pytest.fixture
def database(context: DeployContext) -> DeployContext:
    """A deployment in which the database of each controller started before its file was written."""
    for node in NODES:
        context.inventory.update(
            node,
            replace(desired(node), files=(file_of("galera", GALERA),), daemons=(("galera", "galera"),)),
            HostFacts(
                host=node,
                files={GALERA: FileFacts("0", "root:root", 0o644, 200.0)},
                daemons={"galera": 100},
            ),
        )
    return context


ALL = dict.fromkeys(NODES, "Promoted")


def test_restart_outdated_restarts_node_with_all_connections_last(
    database: DeployContext, status: list[Mapping[str, str]], commands: Commands
) -> None:
    status[:] = [ALL]
    restart_outdated(database, ["galera"])
    order = ("controller03", "controller01", VIP_NODE)
    assert commands == [clone_restart(node, "galera") for node in order]


def test_restart_outdated_waits_for_promotion_before_the_next_node(
    database: DeployContext, status: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = database.inventory
    inventory.facts = {node: inventory.facts[node] for node in NODES[:2]}
    waits = [ALL | {"controller02": role} for role in ("Stopped", "Unpromoted")]
    status[:] = [ALL, ALL, *waits, ALL]
    remaining: list[int] = []

    def run_program(*args: Any, **options: Any) -> Any:
        remaining.append(len(status))
        return SUCCESS

    monkeypatch.setattr(restart, "run_program", run_program)
    restart_outdated(database, ["galera"])
    assert remaining == [3, 1], "the second restart follows all polls after the first"


def test_restart_outdated_reports_output_of_failed_crm_resource(
    database: DeployContext, status: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    status[:] = [ALL]
    response = {"status": 124, "output": "timed out"}
    monkeypatch.setattr(restart, "run_program", lambda *args, **options: response)
    with pytest.raises(DeployFailed, match=r"controller03: restart galera.* failed: timed out"):
        restart_outdated(database, ["galera"])


@pytest.mark.usefixtures("commands")
def test_restart_outdated_stops_when_daemon_does_not_recover(
    database: DeployContext, status: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    status[:] = [ALL, ALL, ALL | {"controller03": "Unpromoted"}]
    monkeypatch.setattr(restart, "_TIMEOUT", 0)
    with pytest.raises(DeployFailed, match="Unpromoted on controller03; other nodes keep the outdated"):
        restart_outdated(database, ["galera"])


def test_restart_outdated_rejects_last_instance(
    database: DeployContext, status: list[Mapping[str, str]]
) -> None:
    status[:] = [dict.fromkeys(NODES, "Stopped") | {"controller03": "Promoted"}]
    with pytest.raises(DeployFailed, match="galera on controller03: it is the only running instance"):
        restart_outdated(database, ["galera"])


def test_needed_restarts_skips_daemon_that_started_after_its_file(database: DeployContext) -> None:
    inventory = database.inventory
    for node in NODES:
        inventory.facts[node] = replace(inventory.facts[node], daemons={"galera": 200})
    assert needed(database, ["galera"]) == []
