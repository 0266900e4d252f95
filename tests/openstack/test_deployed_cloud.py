"""A deployed cloud: what it is, what it does, and that a second deployment changes nothing."""

from __future__ import annotations

import hashlib
import os
import socket

import pytest
from fingerprint import differences, fingerprint
from lab_cloud import LabCloud, needs, pcs_os
from outage import Clients

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.observe.monitor import read_status

pytestmark = pytest.mark.cluster

#: A finished deployment is looked through in less, in seconds; a machine that is busy elsewhere needs more.
AGAIN = 60.0


def test_every_service_does_what_it_is_there_for(cloud: LabCloud) -> None:
    print(pcs_os("deploy", "--verify", str(cloud.topology)).stdout)


def test_a_second_deployment_changes_nothing(cloud: LabCloud) -> None:
    nodes = [*cloud.nodes("controller"), *cloud.nodes("compute")]
    before = {name: fingerprint(cloud, name) for name in nodes}
    result = cloud.deploy()
    assert result["changed"] == []
    assert result["seconds"] < AGAIN
    changed = {name: differences(before[name], fingerprint(cloud, name)) for name in nodes}
    assert not any(changed.values()), changed
    pcs_os("deploy", "--check", str(cloud.topology))


def test_no_secret_is_in_a_log(cloud: LabCloud) -> None:
    secrets = cloud.topology.with_name("cloud.secrets.yaml")
    assert secrets.stat().st_mode & 0o777 == 0o600
    words = [
        line.split(": ")[1].strip("'\"\n") for line in secrets.read_text().splitlines() if line[0] != "#"
    ]
    logs = cloud.topology.with_name("cloud.logs")
    for log in logs.glob("*.log"):
        text = log.read_text()
        assert not [word for word in words if word in text], log


def test_pacemaker_alone_starts_services(cloud: LabCloud) -> None:
    """Every unit with our mark is disabled, and systemd does not restart it."""
    marked = "cd /etc/systemd/system && dirname */50-pacemaker-os.conf | sed s/.d$//"
    for node in (*cloud.nodes("controller"), *cloud.nodes("compute")):
        units = cloud.node(node).run(["sh", "-c", marked]).text.split()
        assert len(units) >= 2
        said = cloud.node(node).run(["systemctl", "show", "--property=UnitFileState,Restart", *units]).text
        assert "UnitFileState=enabled" not in said
        assert set(said.split()) & {"Restart=on-failure", "Restart=always"} == set()


def test_no_unit_starts_another_where_pacemaker_has_stopped_it(cloud: LabCloud) -> None:
    """On Debian 13 those of Nova want Keystone's."""
    needs(cloud, "nova")
    node = cloud.node("controller02")

    def state(unit: str) -> str:
        return node.run(["systemctl", "is-active", unit], ok=(0, 3)).text.strip()

    def tell(resource: str, *how: str) -> None:
        node.run(["crm_resource", "--resource", resource, "--node", "controller02", *how], timeout=130)
        node.run(["crm_resource", "--wait", "--timeout=120s"], timeout=130)

    tell("keystone-clone", "--ban")
    try:
        assert state("keystone") == "inactive"
        tell("nova-scheduler-clone", "--restart", "--timeout=120s")
        assert (state("nova-scheduler"), state("keystone")) == ("active", "inactive")
    finally:
        tell("keystone-clone", "--clear")
    assert state("keystone") == "active"


def test_every_resource_runs_wherever_it_shall(cloud: LabCloud) -> None:
    """Whatever the document has, on every node of its role."""
    first = cloud.nodes("controller")[0]
    status = read_status(connect(Target(container=f"{cloud.lab}-{first}")))
    stopped = [each.id for each in status.resources if not each.active and not each.parents]
    assert stopped == []
    for clone in {each.parents[-1] for each in status.resources if each.parents}:
        nodes = [
            node for each in status.resources if clone in each.parents for node in each.nodes if each.active
        ]
        assert {*cloud.nodes("controller")} <= {*nodes} or {*nodes} == {*cloud.nodes("compute")}, clone


#: Prints what haproxy says of each server: listener, server and state.
SERVERS = """
import socket
with socket.socket(socket.AF_UNIX) as admin:
    admin.connect("/run/haproxy/admin.sock")
    admin.sendall(b"show stat\\n")
    for line in admin.makefile():
        words = line.split(",")
        if len(words) > 17:
            print(words[0], words[1], words[17])
"""


def test_every_haproxy_finds_every_host_up(cloud: LabCloud) -> None:
    controllers = set(cloud.nodes("controller"))
    for name in controllers:
        said = cloud.node(name).run(["/usr/bin/python3", "-c", SERVERS]).text.splitlines()
        rows = [row for row in map(str.split, said) if len(row) > 1 and row[1] in controllers]
        assert rows
        # Of Redis the master alone is up, so that all ask it.
        assert [row[2] for row in rows if row[0] == "redis"].count("UP") == ("redis" in cloud.services)
        assert [row for row in rows if row[0] != "redis" and row[2] != "UP"] == []


def test_its_own_document_leaves_nothing_to_do(cloud: LabCloud) -> None:
    first = cloud.nodes("controller")[0]
    pcs_os("plan", "--container", f"{cloud.lab}-{first}", str(cloud.document))


def test_it_survives_the_loss_of_any_controller(cloud: LabCloud) -> None:
    first = cloud.nodes("controller")[0]
    pcs_os("check", "--survive", "1", "--container", f"{cloud.lab}-{first}", str(cloud.document))


def test_a_stock_client_uses_it_through_the_virtual_address(cloud: LabCloud) -> None:
    needs(cloud, "nova-compute")
    image = os.urandom(64 * 1024)
    cloud.openstack("image create --disk-format raw --container-format bare probe", stdin=image)
    cloud.openstack("image save --file /root/probe probe")
    saved = cloud.node("controller02").run(["sha256sum", "/root/probe"]).text.split()[0]
    assert saved == hashlib.sha256(image).hexdigest()
    cloud.openstack("flavor create --vcpus 1 --ram 64 --disk 1 probe")
    cloud.openstack("server create --flavor probe --image probe --network admin-net --wait probe")
    assert cloud.openstack("server show probe -f value -c status") == "ACTIVE"
    cloud.openstack("server delete --wait probe")
    cloud.openstack("image delete probe")
    cloud.openstack("flavor delete probe")


def test_a_database_whose_file_was_changed_is_restarted_node_after_node(cloud: LabCloud) -> None:
    """The agent runs it, and one of three is away at a time: clients of the database go on."""
    file = "/etc/mysql/mariadb.conf.d/90-openstack.cnf"
    controllers = cloud.nodes("controller")
    before = {name: since(cloud, name) for name in controllers}
    for name in controllers:
        cloud.node(name).run(["sh", "-c", f"echo '# by hand' >>{file}"])
    with Clients(cloud.vip, cloud.password, cloud.services) as clients:
        changed = cloud.deploy()["changed"]
    print("\ndatabase restarted:", {api: round(gap, 1) for api, gap in clients.gaps.items()})
    assert sorted(changed) == sorted(
        [
            *(f"{name}: {file}" for name in controllers),
            *(f"{name}: restart of galera" for name in controllers),
        ]
    )
    assert [name for name in controllers if since(cloud, name) == before[name]] == []
    assert clients.writer.lost() == []
    assert cloud.deploy()["changed"] == []


def since(cloud: LabCloud, name: str) -> str:
    """The database's process on a node, as the agent has noted it."""
    return cloud.node(name).run(["cat", "/run/resource-agents/galera-galera.daemon"]).text


def test_caches_of_another_size_keep_what_they_have(cloud: LabCloud) -> None:
    controllers = cloud.nodes("controller")

    def processes() -> dict[str, str]:
        return {name: cloud.node(name).run(["pgrep", "-x", "memcached"]).text for name in controllers}

    before = processes()
    size = 32 + int(cloud.said["settings"]["cache_memory"])
    cloud.change(cache_memory=str(size))
    assert cloud.deploy()["changed"] == ["cloud: the cluster's document (1 changes)"]
    assert processes() == before
    for name in controllers:
        with socket.create_connection((cloud.said["nodes"][name]["address"], 11211), timeout=10) as cache:
            cache.sendall(b"stats\r\nquit\r\n")
            assert f"STAT limit_maxbytes {size << 20}\r\n" in cache.makefile(newline="").read()


def test_a_changed_setting_restarts_its_services_and_no_others(cloud: LabCloud) -> None:
    needs(cloud, "glance")

    def since(unit: str) -> str:
        return cloud.node("controller01").run(["systemctl", "show", "--property=MainPID", unit]).text

    before = {unit: since(unit) for unit in ("nova-api", "nova-scheduler", "glance-api", "keystone")}
    node = cloud.node("controller01")
    node.run(["sh", "-c", "echo '# by hand' >>/etc/glance/glance-api.conf"])
    changed = cloud.deploy()["changed"]
    assert [what for what in changed if "glance" not in what] == []
    after = {unit: since(unit) for unit in before}
    assert {unit for unit in before if before[unit] != after[unit]} == {"glance-api"}
