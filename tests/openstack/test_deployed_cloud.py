"""A deployed cloud: its state, its functions, and further deployments."""

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

#: Maximum duration of a deployment without changes, in seconds; a busy machine needs longer.
MAX_SECONDS = 60.0


def test_deploy_verify_passes_for_every_service(cloud: LabCloud) -> None:
    print(pcs_os("deploy", "--verify", str(cloud.topology)).stdout)


def test_second_deployment_changes_nothing(cloud: LabCloud) -> None:
    nodes = [*cloud.nodes("controller"), *cloud.nodes("compute")]
    before = {name: fingerprint(cloud, name) for name in nodes}
    result = cloud.deploy()
    assert result["changed"] == []
    assert result["seconds"] < MAX_SECONDS
    changed = {name: differences(before[name], fingerprint(cloud, name)) for name in nodes}
    assert not any(changed.values()), changed
    pcs_os("deploy", "--check", str(cloud.topology))


def test_logs_contain_no_secret(cloud: LabCloud) -> None:
    secrets = cloud.topology.with_name("cloud.secrets.yaml")
    assert secrets.stat().st_mode & 0o777 == 0o600
    values = [
        line.split(": ")[1].strip("'\"\n") for line in secrets.read_text().splitlines() if line[0] != "#"
    ]
    logs = cloud.topology.with_name("cloud.logs")
    for log in logs.glob("*.log"):
        text = log.read_text()
        assert not [value for value in values if value in text], log


def test_only_pacemaker_starts_services(cloud: LabCloud) -> None:
    """Units with a pacemaker-os override are disabled, and systemd does not restart them."""
    marked = "cd /etc/systemd/system && dirname */50-pacemaker-os.conf | sed s/.d$//"
    for node in (*cloud.nodes("controller"), *cloud.nodes("compute")):
        units = cloud.node(node).run(["sh", "-c", marked]).text.split()
        assert len(units) >= 2
        properties = (
            cloud.node(node).run(["systemctl", "show", "--property=UnitFileState,Restart", *units]).text
        )
        assert "UnitFileState=enabled" not in properties
        assert set(properties.split()) & {"Restart=on-failure", "Restart=always"} == set()


def test_restart_of_unit_does_not_start_unit_that_pacemaker_stopped(cloud: LabCloud) -> None:
    """On Debian 13, the units of Nova want that of Keystone."""
    needs(cloud, "nova")
    node = cloud.node("controller02")

    def state(unit: str) -> str:
        return node.run(["systemctl", "is-active", unit], ok=(0, 3)).text.strip()

    def crm_resource(resource: str, *options: str) -> None:
        node.run(["crm_resource", "--resource", resource, "--node", "controller02", *options], timeout=130)
        node.run(["crm_resource", "--wait", "--timeout=120s"], timeout=130)

    crm_resource("keystone-clone", "--ban")
    try:
        assert state("keystone") == "inactive"
        crm_resource("nova-scheduler-clone", "--restart", "--timeout=120s")
        assert (state("nova-scheduler"), state("keystone")) == ("active", "inactive")
    finally:
        crm_resource("keystone-clone", "--clear")
    assert state("keystone") == "active"


def test_every_resource_runs_on_all_nodes_of_its_role(cloud: LabCloud) -> None:
    """Each clone runs on all controllers or on all compute nodes."""
    first = cloud.nodes("controller")[0]
    status = read_status(connect(Target(container=f"{cloud.lab}-{first}")))
    stopped = [each.id for each in status.resources if not each.active and not each.parents]
    assert stopped == []
    for clone in {each.parents[-1] for each in status.resources if each.parents}:
        nodes = [
            node for each in status.resources if clone in each.parents for node in each.nodes if each.active
        ]
        assert {*cloud.nodes("controller")} <= {*nodes} or {*nodes} == {*cloud.nodes("compute")}, clone


#: Prints listener, server and state of each haproxy server.
SERVERS = """
import socket
with socket.socket(socket.AF_UNIX) as admin:
    admin.connect("/run/haproxy/admin.sock")
    admin.sendall(b"show stat\\n")
    for line in admin.makefile():
        fields = line.split(",")
        if len(fields) > 17:
            print(fields[0], fields[1], fields[17])
"""


def test_haproxy_reports_all_backend_servers_up(cloud: LabCloud) -> None:
    controllers = set(cloud.nodes("controller"))
    for name in controllers:
        lines = cloud.node(name).run(["/usr/bin/python3", "-c", SERVERS]).text.splitlines()
        rows = [row for row in map(str.split, lines) if len(row) > 1 and row[1] in controllers]
        assert rows
        # Only the promoted Redis server is up, so that all clients use it.
        assert [row[2] for row in rows if row[0] == "redis"].count("UP") == ("redis" in cloud.services)
        assert [row for row in rows if row[0] != "redis" and row[2] != "UP"] == []


def test_plan_of_cluster_document_has_no_changes(cloud: LabCloud) -> None:
    first = cloud.nodes("controller")[0]
    pcs_os("plan", "--container", f"{cloud.lab}-{first}", str(cloud.document))


def test_check_survives_failure_of_any_controller(cloud: LabCloud) -> None:
    first = cloud.nodes("controller")[0]
    pcs_os("check", "--survive", "1", "--container", f"{cloud.lab}-{first}", str(cloud.document))


def test_openstack_client_works_through_virtual_ip(cloud: LabCloud) -> None:
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


def test_changed_database_file_restarts_database_node_by_node(cloud: LabCloud) -> None:
    """Only one of three database nodes restarts at a time, so clients keep working."""
    file = "/etc/mysql/mariadb.conf.d/90-openstack.cnf"
    controllers = cloud.nodes("controller")
    before = {name: since(cloud, name) for name in controllers}
    for name in controllers:
        cloud.node(name).run(["sh", "-c", f"echo '# changed' >>{file}"])
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
    """Return the process of the database on a node, from the record of the agent."""
    return cloud.node(name).run(["cat", "/run/resource-agents/galera-galera.daemon"]).text


def test_changed_cache_size_keeps_cache_content(cloud: LabCloud) -> None:
    controllers = cloud.nodes("controller")

    def processes() -> dict[str, str]:
        return {name: cloud.node(name).run(["pgrep", "-x", "memcached"]).text for name in controllers}

    before = processes()
    size = 32 + int(cloud.content["settings"]["cache_memory"])
    cloud.change(cache_memory=str(size))
    assert cloud.deploy()["changed"] == ["cloud: cluster document (changes: 1)"]
    assert processes() == before
    for name in controllers:
        with socket.create_connection((cloud.content["nodes"][name]["address"], 11211), timeout=10) as cache:
            cache.sendall(b"stats\r\nquit\r\n")
            assert f"STAT limit_maxbytes {size << 20}\r\n" in cache.makefile(newline="").read()


def test_changed_setting_restarts_only_its_services(cloud: LabCloud) -> None:
    needs(cloud, "glance")

    def since(unit: str) -> str:
        return cloud.node("controller01").run(["systemctl", "show", "--property=MainPID", unit]).text

    before = {unit: since(unit) for unit in ("nova-api", "nova-scheduler", "glance-api", "keystone")}
    node = cloud.node("controller01")
    node.run(["sh", "-c", "echo '# changed' >>/etc/glance/glance-api.conf"])
    changed = cloud.deploy()["changed"]
    assert [each for each in changed if "glance" not in each] == []
    after = {unit: since(unit) for unit in before}
    assert {unit for unit in before if before[unit] != after[unit]} == {"glance-api"}
