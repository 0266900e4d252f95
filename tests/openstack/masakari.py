"""Masakari of Debian 12 on the first controller, for a comparison with nova-evacuate.

Its packages need fixes before they process a first notification (docs/instance-ha-measurements.md);
everything else is default. It uses the administrator's account. Failed nodes stay off, because Masakari does
not treat a node that returned as failed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import docker
from cloud_faults import TIMEOUT, controller, set_engine_running
from lab_cloud import LabCloud, pcs_os
from nova_client import Nova, until

from pacemaker_os.transport.container import ContainerTransport

PORT = 15868

UNITS = ("masakari-api", "masakari-engine", "masakari-host-monitor")

#: Downloads the packages that a controller image lacks; this needs a name server.
RECIPE = b"""ARG BASE
FROM ${BASE}
RUN sed --in-place 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf && apt-get -qq update \\
 && apt-get -qq -y -o APT::Keep-Downloaded-Packages=true --download-only install \\
    masakari-api masakari-engine masakari-host-monitor python3-masakariclient
"""

#: Directory of downloaded packages in the image, and on the node.
ARCHIVES, DOWNLOADED = "/var/cache/apt/archives", "/root/archives"

PACKAGES = "/usr/lib/python3/dist-packages/masakari"

#: Path of a file, text to replace, and replacement.
FIXES = (
    # Threads of uWSGI are incompatible with eventlet.
    ("/etc/masakari/masakari-api-uwsgi.ini", "enable-threads = true", ""),
    ("/etc/masakari/masakari-api-uwsgi.ini", "threads = 32", "threads = 1"),
    # oslo.messaging passes no value for deleted records.
    (
        f"{PACKAGES}/context.py",
        "self.read_deleted = read_deleted",
        "self.read_deleted = read_deleted or 'no'",
    ),
)

#: The monitor reads this file, too, instead of its own.
CONFIGURATION = """\
[DEFAULT]
transport_url = {transport_url}
os_privileged_user_name = admin
os_privileged_user_password = {password}
os_privileged_user_tenant = admin
os_privileged_user_auth_url = {keystone}
os_region_name = RegionOne
os_user_domain_name = Default
os_project_domain_name = Default
[database]
connection = mysql+pymysql://masakari:{database}@{vip}:3306/masakari
[taskflow]
# The package lacks the tables of other backends.
connection = memory
[keystone_authtoken]
{account}
[api]
{account}
[host]
restrict_to_remotes = true
pacemaker_node_type = remote
disable_ipmi_check = true
"""

ACCOUNT = """\
auth_type = password
auth_url = {keystone}
username = admin
password = {password}
project_name = admin
user_domain_name = Default
project_domain_name = Default
"""


@contextmanager
def masakari_running(cloud: LabCloud, nova: Nova) -> Iterator[None]:
    """Run Masakari instead of nova-evacuate; restore the previous state afterwards, with all nodes online."""
    node = cloud.node(cloud.nodes("controller")[0])
    with ExitStack() as stack:
        packages = fetch(node)
        stack.callback(node.run, ["dpkg", "--purge", *(name.partition("_")[0] for name in packages)])
        install(node, packages)
        configure(node, cloud)
        stack.callback(set_engine_running, cloud, running=True)
        set_engine_running(cloud, running=False)
        stack.callback(restore, cloud, nova)
        stack.enter_context(power_fencing_only(cloud))
        stack.callback(cloud.openstack, "service delete masakari")
        register(cloud)
        stack.callback(node.run, ["systemctl", "stop", *UNITS])
        node.run(["systemctl", "start", "masakari-api", "masakari-engine"])
        create_segment(cloud)
        node.run(["systemctl", "start", "masakari-host-monitor"])
        until(lambda: "Recognized" in monitor_log(node), TIMEOUT)
        yield


def fetch(node: ContainerTransport) -> list[str]:
    """Copy the packages to a node and return their file names."""
    engine = docker.from_env()
    target = engine.containers.get(node.name)
    arguments = {"BASE": target.attrs["Image"]}
    fetched, _ = engine.images.build(
        fileobj=BytesIO(RECIPE), buildargs=arguments, network_mode="host", rm=True, forcerm=True
    )
    holder = engine.containers.create(fetched, "true")
    try:
        archive, _ = holder.get_archive(ARCHIVES)
        target.put_archive(str(Path(DOWNLOADED).parent), b"".join(archive))
    finally:
        holder.remove()
        fetched.remove()
    return node.run(["find", DOWNLOADED, "-name", "*.deb", "-printf", "%f\\n"]).text.split()


def install(node: ContainerTransport, packages: Sequence[str]) -> None:
    """Install the packages and fix them."""
    files = [f"{DOWNLOADED}/{name}" for name in packages]
    node.run(["dpkg", "--install", *files], env={"DEBIAN_FRONTEND": "noninteractive"}, timeout=300)
    for path, old, new in FIXES:
        text = node.run(["cat", path]).text
        assert old in text, f"{path} does not contain {old!r}"
        node.put(text.replace(old, new, 1).encode(), path)


def configure(node: ContainerTransport, cloud: LabCloud) -> None:
    """Create the database and the configuration."""
    database = secrets.token_hex(16)
    sql = (
        "CREATE OR REPLACE DATABASE masakari;\n"
        f"GRANT ALL PRIVILEGES ON masakari.* TO masakari@'%' IDENTIFIED BY '{database}';\n"
    )
    node.run(["mysql"], input=sql.encode())
    setting = node.run(["grep", "--max-count=1", "^transport_url", "/etc/nova/nova.conf"]).text
    keystone = f"http://{cloud.vip}:5000/v3"
    text = CONFIGURATION.format(
        transport_url=setting.partition("=")[2].strip(),
        keystone=keystone,
        password=cloud.password,
        database=database,
        vip=cloud.vip,
        account=ACCOUNT.format(keystone=keystone, password=cloud.password),
    )
    node.put(text.encode(), "/etc/masakari/masakari.conf", mode=0o640, owner="root:masakari")
    node.run(["runuser", "-u", "masakari", "--", "masakari-manage", "db", "sync"], timeout=120)


def register(cloud: LabCloud) -> None:
    """Register service and endpoints in Keystone."""
    by = cloud.nodes("controller")[0]
    cloud.openstack("service create --name masakari instance-ha")
    for interface in ("public", "internal", "admin"):
        url = f"http://{cloud.content['nodes'][by]['address']}:{PORT}/v1/%(tenant_id)s"
        cloud.openstack(f"endpoint create --region RegionOne masakari {interface} '{url}'")


def create_segment(cloud: LabCloud) -> None:
    """Create a failover segment with the compute nodes, and automatic selection of target hosts."""
    by = cloud.nodes("controller")[0]
    until(lambda: cloud.openstack("segment create compute auto COMPUTE", by=by), TIMEOUT)
    for host in cloud.nodes("compute"):
        cloud.openstack(f"segment host create {host} COMPUTE SSH compute", by=by)


def monitor_log(node: ContainerTransport) -> str:
    """Return the log of the host monitor."""
    return node.run(["cat", "/var/log/masakari/masakari-host-monitor.log"], ok=(0, 1)).text


@contextmanager
def power_fencing_only(cloud: LabCloud) -> Iterator[None]:
    """Let Pacemaker fence with power devices only, and keep fenced nodes off."""
    before = controller(cloud).run(["cibadmin", "--query", "--scope", "fencing-topology"]).text
    fence(cloud, before.replace(",fence-nova", ""), "--update", "off")
    try:
        yield
    finally:
        fence(cloud, before, "--delete")


def fence(cloud: LabCloud, levels: str, *action: str) -> None:
    """Set the fencing topology, and change the cluster property `stonith-action`."""
    node = controller(cloud)
    node.run(["cibadmin", "--replace", "--scope", "fencing-topology", "--xml-pipe"], input=levels.encode())
    node.run(["crm_attribute", "--type", "crm_config", "--name", "stonith-action", *action])


def restore(cloud: LabCloud, nova: Nova) -> None:
    """Power on all nodes, and re-enable all compute services, which Masakari does not do."""
    pcs_os("lab", "fault", "heal", "--name", cloud.lab)
    hosts = cloud.nodes("compute")
    until(lambda: {nova.services()[host]["state"] for host in hosts} == {"up"}, TIMEOUT)
    for host in hosts:
        nova.set_status(host, "enabled")
