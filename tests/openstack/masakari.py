"""Masakari as Debian 12 has it, on the first controller: what nova-evacuate is measured beside.

Its packages need repairs before they take in a first notification (docs/instance-ha.md); all else is its
default. It uses the administrator's account. The power stays off: a node that is back is no failure to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import docker
from lab_cloud import LabCloud, pcs_os
from nova_asked import Nova, until
from trouble import PATIENCE, controller, engine_runs

from pacemaker_os.transport.container import ContainerTransport

PORT = 15868

UNITS = ("masakari-api", "masakari-engine", "masakari-host-monitor")

#: Fetches, on top of a controller's image, what it lacks; only then is there a name server.
RECIPE = b"""ARG BASE
FROM ${BASE}
RUN sed --in-place 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf && apt-get -qq update \\
 && apt-get -qq -y -o APT::Keep-Downloaded-Packages=true --download-only install \\
    masakari-api masakari-engine masakari-host-monitor python3-masakariclient
"""

#: Where packages are once they are fetched, and where on the node.
ARCHIVES, FETCHED = "/var/cache/apt/archives", "/root/archives"

PACKAGES = "/usr/lib/python3/dist-packages/masakari"

#: A file, what is wrong in it, and what stands there instead.
REPAIRS = (
    # A thread of uwsgi and eventlet's do not agree.
    ("/etc/masakari/masakari-api-uwsgi.ini", "enable-threads = true", ""),
    ("/etc/masakari/masakari-api-uwsgi.ini", "threads = 32", "threads = 1"),
    # oslo.messaging gives the word for deleted records, of nothing.
    (
        f"{PACKAGES}/context.py",
        "self.read_deleted = read_deleted",
        "self.read_deleted = read_deleted or 'no'",
    ),
)

#: The monitor reads this file too, and not its own.
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
# Its package lacks the tables for more.
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
def masakari_instead(cloud: LabCloud, nova: Nova) -> Iterator[None]:
    """Let Masakari care for the compute nodes, and nova-evacuate not; then as before, all nodes there."""
    node = cloud.node(cloud.nodes("controller")[0])
    with ExitStack() as undone:
        packages = fetch(node)
        undone.callback(node.run, ["dpkg", "--purge", *(name.partition("_")[0] for name in packages)])
        install(node, packages)
        configure(node, cloud)
        undone.callback(engine_runs, cloud, wanted=True)
        engine_runs(cloud, wanted=False)
        undone.callback(take_back, cloud, nova)
        undone.enter_context(fenced_for_good(cloud))
        undone.callback(cloud.openstack, "service delete masakari")
        register(cloud)
        undone.callback(node.run, ["systemctl", "stop", *UNITS])
        node.run(["systemctl", "start", "masakari-api", "masakari-engine"])
        divide(cloud)
        node.run(["systemctl", "start", "masakari-host-monitor"])
        until(lambda: "Recognized" in monitor_says(node), PATIENCE)
        yield


def fetch(node: ContainerTransport) -> list[str]:
    """Lay what it needs on a node, and return the names of the packages' files."""
    engine = docker.from_env()
    there = engine.containers.get(node.name)
    arguments = {"BASE": there.attrs["Image"]}
    fetched, _ = engine.images.build(
        fileobj=BytesIO(RECIPE), buildargs=arguments, network_mode="host", rm=True, forcerm=True
    )
    holder = engine.containers.create(fetched, "true")
    try:
        archive, _ = holder.get_archive(ARCHIVES)
        there.put_archive(str(Path(FETCHED).parent), b"".join(archive))
    finally:
        holder.remove()
        fetched.remove()
    return node.run(["find", FETCHED, "-name", "*.deb", "-printf", "%f\\n"]).text.split()


def install(node: ContainerTransport, packages: Sequence[str]) -> None:
    """Install its packages, and repair them."""
    files = [f"{FETCHED}/{name}" for name in packages]
    node.run(["dpkg", "--install", *files], env={"DEBIAN_FRONTEND": "noninteractive"}, timeout=300)
    for path, wrong, right in REPAIRS:
        text = node.run(["cat", path]).text
        assert wrong in text, f"{path} has no {wrong!r} to repair"
        node.put(text.replace(wrong, right, 1).encode(), path)


def configure(node: ContainerTransport, cloud: LabCloud) -> None:
    """Give it a database and its configuration."""
    database = secrets.token_hex(16)
    sql = (
        "CREATE OR REPLACE DATABASE masakari;\n"
        f"GRANT ALL PRIVILEGES ON masakari.* TO masakari@'%' IDENTIFIED BY '{database}';\n"
    )
    node.run(["mysql"], input=sql.encode())
    said = node.run(["grep", "--max-count=1", "^transport_url", "/etc/nova/nova.conf"]).text
    keystone = f"http://{cloud.vip}:5000/v3"
    text = CONFIGURATION.format(
        transport_url=said.partition("=")[2].strip(),
        keystone=keystone,
        password=cloud.password,
        database=database,
        vip=cloud.vip,
        account=ACCOUNT.format(keystone=keystone, password=cloud.password),
    )
    node.put(text.encode(), "/etc/masakari/masakari.conf", mode=0o640, owner="root:masakari")
    node.run(["runuser", "-u", "masakari", "--", "masakari-manage", "db", "sync"], timeout=120)


def register(cloud: LabCloud) -> None:
    """Write into Keystone where it is."""
    by = cloud.nodes("controller")[0]
    cloud.openstack("service create --name masakari instance-ha")
    for interface in ("public", "internal", "admin"):
        url = f"http://{cloud.said['nodes'][by]['address']}:{PORT}/v1/%(tenant_id)s"
        cloud.openstack(f"endpoint create --region RegionOne masakari {interface} '{url}'")


def divide(cloud: LabCloud) -> None:
    """Tell it which nodes it cares for, and that it may choose where their instances go."""
    by = cloud.nodes("controller")[0]
    until(lambda: cloud.openstack("segment create compute auto COMPUTE", by=by), PATIENCE)
    for host in cloud.nodes("compute"):
        cloud.openstack(f"segment host create {host} COMPUTE SSH compute", by=by)


def monitor_says(node: ContainerTransport) -> str:
    """What its monitor wrote."""
    return node.run(["cat", "/var/log/masakari/masakari-host-monitor.log"], ok=(0, 1)).text


@contextmanager
def fenced_for_good(cloud: LabCloud) -> Iterator[None]:
    """Let Pacemaker fence by power alone, and not give the power back."""
    before = controller(cloud).run(["cibadmin", "--query", "--scope", "fencing-topology"]).text
    fence(cloud, before.replace(",fence-nova", ""), "--update", "off")
    try:
        yield
    finally:
        fence(cloud, before, "--delete")


def fence(cloud: LabCloud, levels: str, *action: str) -> None:
    """Tell Pacemaker by which devices to fence, and what: words for its property `stonith-action`."""
    node = controller(cloud)
    node.run(["cibadmin", "--replace", "--scope", "fencing-topology", "--xml-pipe"], input=levels.encode())
    node.run(["crm_attribute", "--type", "crm_config", "--name", "stonith-action", *action])


def take_back(cloud: LabCloud, nova: Nova) -> None:
    """Switch on whatever is off, and let Nova use every compute node again, as Masakari does not."""
    pcs_os("lab", "fault", "heal", "--name", cloud.lab)
    hosts = cloud.nodes("compute")
    until(lambda: {nova.services()[host]["state"] for host in hosts} == {"up"}, PATIENCE)
    for host in hosts:
        nova.switch(host, "enabled")
