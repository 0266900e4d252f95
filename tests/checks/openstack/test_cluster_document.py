"""The cluster document: it is valid, and Pacemaker's scheduler does what it is meant to do."""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from clouds import CLOUDS
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib.relaxng.grammar import violations
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.document import Source
from pacemaker_os.document.checks.check import check
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import SERVICES, ordered
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.openstack.errors import CloudError
from pacemaker_os.plan.diff.compare import PlanOptions

#: Services without compute nodes, whose Pacemaker cannot be simulated.
ON_CONTROLLERS = ("keystone", "glance", "nova", "neutron", "cinder", "heat", "horizon")

clouds = pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
GRAMMAR = Path("/usr/share/pacemaker/pacemaker-3.9.rng")
SIMULATE = shutil.which("crm_simulate")
needs_pacemaker = pytest.mark.skipif(
    SIMULATE is None, reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)"
)


def text_of(cloud: Cloud, *names: str) -> str:
    return cluster_document(cloud, ordered(names or cloud.services))


def read(text: str) -> document.Document:
    return document.read([Source("cloud.cib.yaml", text)])


@clouds
def test_document_has_no_findings(cloud: Cloud) -> None:
    found = read(text_of(cloud))
    assert found.name == cloud.name
    # A cloud without fencing has a warning.
    assert {finding.code for finding in check(found.cib)} <= {"no-fencing"}


@clouds
@pytest.mark.skipif(not GRAMMAR.is_file(), reason="Pacemaker's grammars are not installed")
def test_document_matches_the_cib_schema(cloud: Cloud) -> None:
    assert violations(read(text_of(cloud)).cib, etree.RelaxNG(file=str(GRAMMAR))) == ()


@pytest.mark.parametrize("name", ["three-controllers", "two-front-nodes", "redhat"])
def test_document_of_every_subset_of_services_is_valid(name: str) -> None:
    cloud = CLOUDS[name]
    services = ordered(cloud.services)
    for number in range(1, len(services) + 1):
        found = read(cluster_document(cloud, services[:number]))
        assert not [finding for finding in check(found.cib) if not finding.is_warning]


def test_document_contains_no_secrets() -> None:
    found = read(text_of(CLOUDS["three-controllers"]))
    assert {use.secret for use in found.secrets} == {"ipmi"}
    assert "hidden" not in text_of(CLOUDS["three-controllers"])


def test_single_controller_has_no_fencing_device() -> None:
    alone = replace(CLOUDS["one-controller"].hosts[0], fencing={})
    computes = CLOUDS["three-controllers"].with_role("compute")
    cloud = replace(CLOUDS["three-controllers"], hosts=(alone, *computes))
    found = text_of(cloud)
    assert "stonith-enabled: true" in found
    assert "fence-compute01:" in found
    assert "fence-controller01" not in found
    assert "stonith-enabled: false" in text_of(replace(cloud, hosts=(alone,), services=("keystone",)))


def test_document_without_fencing_devices_is_rejected() -> None:
    cloud = CLOUDS["three-controllers"]
    bare = replace(cloud, hosts=tuple(replace(host, fencing={}) for host in cloud.hosts))
    with pytest.raises(CloudError, match="'controller01' has no fencing device; add one"):
        text_of(bare)
    assert "stonith-enabled: false" in text_of(replace(bare, settings={"fencing": "no"}, services=("nova",)))


def test_front_nodes_are_outside_of_the_cluster() -> None:
    found = text_of(CLOUDS["two-front-nodes"])
    assert "front0" not in found
    assert "haproxy" not in found
    assert "IPaddr2" not in found
    assert re.search(r"network01:\n    agent: ocf:pacemaker:remote", found)


def test_vip_per_service_is_distributed_over_controllers() -> None:
    cloud = CLOUDS["vip-per-service"]
    found = text_of(cloud)
    homes = re.findall(r"^- vip[-a-z]* on (controller0\d) \(50\)$", found, re.MULTILINE)
    assert len(homes) == len(cloud.vips)
    assert {homes.count(host.name) for host in cloud.members} <= {3, 4}


def test_fencing_level_requests_evacuation_after_power_off() -> None:
    found = text_of(CLOUDS["three-controllers"])
    assert "compute01:\n  - [fence-compute01, fence-nova]" in found
    assert "agent: ocf:pacemaker-os:nova-compute" in found
    assert "where: defined nova-evacuation" in found
    assert "nova-evacuate" not in text_of(CLOUDS["redhat-core"])


def test_remote_timeout_is_the_timeout_of_the_connection_monitor() -> None:
    cloud = replace(CLOUDS["three-controllers"], settings={"remote_timeout": "7"})
    remote = yaml.safe_load(text_of(cloud).replace("!secret", ""))["resources"]["compute01"]
    assert remote["operations"]["monitor"] == {"interval": "10s", "timeout": "7s"}


def test_priorities_follow_the_number_of_dependent_services() -> None:
    """When a hundred resources start at the same time, the transition has this order."""
    cloud = CLOUDS["three-controllers"]
    resources = yaml.safe_load(text_of(cloud).replace("!secret ", ""))["resources"]
    priorities = {name: each.get("meta", {}).get("priority", 0) for name, each in resources.items()}
    named = [
        *("vip", "compute01", "nova-evacuate", "redis", "cinder-volume"),
        *("galera", "keystone", "glance-api", "aodh-api"),
    ]
    order = [priorities[name] for name in named if name in priorities]
    assert len(order) > 4
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


@pytest.mark.parametrize(
    ("settings", "shared"),
    [
        ({}, "no"),
        ({"shared_instance_storage": "yes"}, "yes"),
        ({"instances_nfs_export": "192.0.2.5:/instances"}, "yes"),
    ],
)
def test_shared_storage_follows_the_settings(settings: dict[str, str], shared: str) -> None:
    base = CLOUDS["three-controllers"]
    found = text_of(replace(base, settings={**base.settings, "instances_nfs_export": "", **settings}))
    assert re.search(
        rf"agent: ocf:pacemaker-os:nova-evacuate\n +params: {{shared_storage: '?{shared}'?}}", found
    )


def test_mounts_start_before_the_units_that_need_them() -> None:
    found = text_of(CLOUDS["one-controller"])
    for line in (
        "- nova-instances then nova-compute",
        "- glance-images then glance-api",
        "- nova-compute with nova-instances",
    ):
        assert line in found


def test_cinder_volume_with_lvm_runs_with_its_targets() -> None:
    found = text_of(CLOUDS["one-controller"])
    assert "- cinder-targets then cinder-volume" in found
    assert "- cinder-volume with cinder-targets" in found
    assert "cinder-targets" not in text_of(CLOUDS["three-controllers"])


def test_sites_of_one_web_server_share_a_resource() -> None:
    found = read(text_of(CLOUDS["redhat"])).cib.to_xml()
    assert found.count('value="httpd.service"') == 1
    assert found.count('value="openstack-nova-api.service"') == 1


@needs_pacemaker
@pytest.mark.parametrize("name", ["three-controllers", "two-front-nodes"])
def test_every_service_survives_any_controller_failure(name: str, tmp_path: Path) -> None:
    file = tmp_path / "cib.xml"
    file.write_bytes(subprocess.run(["cibadmin", "--empty"], capture_output=True, check=True).stdout)
    found = read(text_of(CLOUDS[name]))
    report = check_survival(
        connect(Target(cib_file=str(file))),
        found.cib,
        name=found.name,
        options=PlanOptions(new_nodes=True),
        failed_nodes=1,
    )
    assert report.not_running == ()
    assert [outcome for outcome in report.outcomes if outcome[1]] == []
    failed = [failure.nodes[0] for failure, _ in report.outcomes]
    assert [node for node in failed if node.startswith("controller")] == [
        *("controller01", "controller02", "controller03")
    ]


class Simulated:
    """A cluster in a file, whose transitions Pacemaker's scheduler simulates."""

    def __init__(self, cloud: Cloud, directory: Path, *services: str) -> None:
        assert SIMULATE is not None
        self.nodes = [host.name for host in cloud.members]
        self.file = directory / "state.xml"
        # Fencing devices cannot be simulated here; the survival check above covers them.
        cloud = replace(cloud, settings={**cloud.settings, "fencing": "no"}, services=services)
        found = read(text_of(cloud))
        root = etree.fromstring(
            subprocess.run(["cibadmin", "--empty"], capture_output=True, check=True).stdout
        )
        configuration = root.find("configuration")
        assert configuration is not None
        root.replace(configuration, etree.fromstring(found.cib.to_xml()))
        self.file.write_bytes(etree.tostring(root))
        self.step(*(arg for node in self.nodes for arg in ("--node-up", node)), "--quorum", "1")

    def copy(self, directory: Path) -> Simulated:
        """Return a cluster with the same state, in another file."""
        other = copy.copy(self)
        other.file = directory / "state.xml"
        shutil.copy(self.file, other.file)
        return other

    def step(self, *injected: str) -> list[str]:
        """Inject events, simulate the transition, and return its actions without probes."""
        output = subprocess.run(
            ["crm_simulate", "-x", self.file, "-S", "-O", self.file, *injected],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        summary = output.partition("Transition Summary:")[2].partition("Executing Cluster Transition")[0]
        return [" ".join(line.split()[1:]) for line in summary.splitlines() if line.strip().startswith("*")]

    def standby(self, node: str, state: str = "on") -> None:
        """Put a node on standby, or end its standby, for the next step."""
        line = ["crm_attribute", "--node", node, "--name", "standby", "--update", state]
        subprocess.run(line, env={**os.environ, "CIB_file": str(self.file)}, check=True)

    def actions(self, *injected: str) -> list[str]:
        """Return the actions of the next step, in order, as `RESOURCE ACTION on NODE`."""
        line = ["crm_simulate", "-x", self.file, "-S", "-O", self.file, *injected]
        output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        return [" ".join(action.split()) for action in re.findall(r"Resource action: (.*)", output)]

    def promotable(self, *nodes: str) -> None:
        """Set the promotion scores that agents set when the data of these nodes is in sync."""
        root = etree.parse(str(self.file))
        for state in root.iter("node_state"):
            if state.get("uname") in nodes:
                number = state.get("id")
                attributes = etree.SubElement(state, "transient_attributes", id=str(number))
                values = etree.SubElement(attributes, "instance_attributes", id=f"status-{number}")
                for name in ("galera", "redis"):
                    etree.SubElement(
                        values,
                        "nvpair",
                        id=f"status-{number}-{name}",
                        name=f"master-{name}",
                        value="100",
                    )
        root.write(str(self.file))

    def forget(self, node: str) -> None:
        """Remove the status of a node, as when it rejoins."""
        root = etree.parse(str(self.file))
        for state in root.iter("node_state"):
            if state.get("uname") == node:
                state[:] = []
        root.write(str(self.file))

    def running(self) -> str:
        return subprocess.run(
            ["crm_simulate", "-x", self.file], capture_output=True, text=True, check=True
        ).stdout


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Return a cluster in which everything runs that does not need a database."""
    directory = tmp_path_factory.mktemp("cluster")
    return Simulated(CLOUDS["three-controllers"], directory, *ON_CONTROLLERS)


@pytest.fixture(scope="module")
def warm(cold: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Return a cluster in which everything runs."""
    warm = cold.copy(tmp_path_factory.mktemp("cluster"))
    warm.promotable(*warm.nodes)
    warm.step()
    return warm


@pytest.fixture
def cluster(cold: Simulated, tmp_path: Path) -> Simulated:
    return cold.copy(tmp_path)


@pytest.fixture
def up(warm: Simulated, tmp_path: Path) -> Simulated:
    return warm.copy(tmp_path)


@needs_pacemaker
def test_keystone_starts_after_a_database_is_promoted(cluster: Simulated) -> None:
    assert re.search(
        r"galera.*\n.*Unpromoted: \[ controller01 controller02 controller03 \]", cluster.running()
    )
    assert re.search(r"keystone\]:\n.*Stopped: \[ controller01", cluster.running())
    cluster.promotable("controller02")
    assert "Promote galera" in "\n".join(cluster.step())
    assert re.search(r"keystone\]:\n.*Started: \[ controller01", cluster.running())


@needs_pacemaker
def test_startup_runs_every_clone_on_three_controllers(up: Simulated) -> None:
    clones = re.findall(r"Clone Set: \S+-clone \[\S+\].*\n(.*)\n", up.running())
    assert len(clones) > 15
    for line in clones:
        if "Promoted" in line:
            assert re.fullmatch(r"\s+\* Promoted: \[ controller01 controller02 controller03 \]", line)
        else:
            assert re.fullmatch(r"\s+\* Started: \[ controller01 controller02 controller03 \]", line)
    assert up.step() == []


@needs_pacemaker
@pytest.mark.parametrize(
    ("resource", "interval"),
    [("galera", 10000), ("rabbitmq", 10000), ("memcached", 10000), ("keystone", 20000)],
)
def test_failure_of_a_resource_recovers_only_that_resource(
    up: Simulated, resource: str, interval: int
) -> None:
    done = up.step("--op-inject", f"{resource}_monitor_{interval}@controller01=7")
    assert [line.partition(":")[0].split() for line in done] == [["Recover", resource]]


@needs_pacemaker
def test_recovery_of_haproxy_keeps_the_address(up: Simulated) -> None:
    for node in up.nodes:
        done = up.step("--op-inject", f"lb-haproxy_monitor_20000@{node}=7")
        assert [line.partition(":")[0] for line in done] == ["Recover lb-haproxy"]


@needs_pacemaker
def test_drain_moves_the_address_first_and_stops_the_database_last(tmp_path: Path) -> None:
    up = Simulated(CLOUDS["three-controllers"], tmp_path, *ON_CONTROLLERS, "neutron-agents", "redis")
    up.promotable(*up.nodes)
    up.step()
    (node,) = re.findall(r"\* vip\s.*Started (\S+)", up.running())
    up.standby(node)
    done = up.actions()
    (moved,) = (index for index, line in enumerate(done) if line.startswith("vip start on "))
    stops = [
        line for line in done if line.endswith(f" stop on {node}") and not line.startswith(("vip", "galera"))
    ]
    # A stopping replica of Redis sets an attribute, which triggers a transition after agents have stopped.
    assert {f"{name} stop on {node}" for name in ("redis", "neutron-dhcp-agent")} <= {*stops}
    assert len(stops) > 15
    for line in stops:
        assert done.index(line) > moved or line.startswith("lb-haproxy"), line
    proxy, address = done.index(f"lb-haproxy stop on {node}"), done.index(f"vip stop on {node}")
    assert proxy < address < moved, "haproxy must close connections while it has the address"
    clients = [
        done.index(f"{name} stop on {node}") for name in ("keystone", "nova-api", "horizon", "heat-engine")
    ]
    for last in ("galera demote", "rabbitmq stop", "memcached stop"):
        assert done.index(f"{last} on {node}") > max(clients), last


@needs_pacemaker
def test_failover_starts_single_instances_after_address_and_master(tmp_path: Path) -> None:
    """Otherwise their start would wait for the database behind the address, and the transition for them."""
    up = Simulated(CLOUDS["three-controllers"], tmp_path, *ON_CONTROLLERS, "neutron-agents", "redis")
    first, *others = up.nodes
    for node in others:
        up.standby(node)
    up.promotable(*up.nodes)
    up.step()
    for node in others:
        up.standby(node, "off")
    up.step()
    up.promotable(*others)
    up.step()
    done = up.actions("--node-fail", first)
    (moved,) = (index for index, line in enumerate(done) if line.startswith("vip start on "))
    (master,) = (index for index, line in enumerate(done) if line.startswith("redis promote on "))
    singles = [
        index for index, line in enumerate(done) if re.match(r"(cinder-volume|neutron-periodic) start", line)
    ]
    assert len(singles) == 2
    assert moved < master < min(singles)


@needs_pacemaker
def test_drain_of_all_nodes_stops_everything(up: Simulated) -> None:
    for node in up.nodes:
        up.standby(node)
    done = up.actions()
    assert not [line for line in done if line.startswith("vip start")]
    for node in up.nodes:
        assert f"keystone stop on {node}" in done
        assert f"galera stop on {node}" in done
        assert f"rabbitmq stop on {node}" in done


@needs_pacemaker
def test_node_failure_and_return_restart_nothing_elsewhere(up: Simulated) -> None:
    for node in up.nodes:
        done = up.step("--node-fail", node)
        assert not [line for line in done if line.startswith(("Restart", "Recover", "Demote"))]
        up.forget(node)
        done = up.step("--node-up", node)
        assert not [line for line in done if line.startswith(("Restart", "Recover", "Demote", "Stop"))]
        up.promotable(node)
        up.step()


def test_resource_ids_of_service_definitions_are_unique() -> None:
    names = [name for service in SERVICES.values() for name in service.document.get("resources", {})]
    names += [unit.resource for service in SERVICES.values() for unit in service.units]
    names += [mount.resource for service in SERVICES.values() for mount in service.mounts]
    assert len(names) == len(set(names))
