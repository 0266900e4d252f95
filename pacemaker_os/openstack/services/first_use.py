"""First use: networks, security groups, flavors and an image, so that users can start instances."""

from __future__ import annotations

from pacemaker_os.openstack.parts.client import ADMIN, openrc
from pacemaker_os.openstack.service import File, Job, Service, User

#: Protocols and ports that the security group admits.
ADMITTED = (("icmp", ""), ("tcp", "22"), ("tcp", "80"), ("tcp", "3389"))

#: Name, virtual CPUs, MiB of memory, GiB of disk.
FLAVORS = (
    ("tiny", 1, 512, 1),
    ("small", 1, 2048, 20),
    ("medium", 2, 4096, 40),
    ("large", 4, 8192, 80),
)


def create(kind: str, name: str, *options: str, where: dict[str, str] | None = None) -> Job:
    """Return a job that creates an object with this name, unless it exists."""
    command = kind.split()
    return Job(
        name=f"{kind} {name}",
        argv=("openstack", *command, "create", *options, name),
        unless=("openstack", *command, "show", name),
        when="finish",
        where=where or {},
    )


DEMO = {
    **ADMIN,
    "OS_USERNAME": "demo",
    "OS_PASSWORD": "{{ secret('demo') }}",
    "OS_PROJECT_NAME": "demo",
}

EXTERNAL = {"external_network": "*"}

SERVICE = Service(
    name="first-use",
    title="First use (networks, security groups, flavors, an image)",
    needs=("nova", "neutron"),
    readiness_resources=(),
    # A user without administrator privileges, to try the cloud.
    files=(
        File(
            path="/root/demo-openrc",
            content=openrc(DEMO),
            mode=0o600,
            roles=("controller",),
        ),
    ),
    users=(User(name="demo", project="demo", roles=("member",)),),
    jobs=(
        *(
            create("flavor", name, *("--vcpus", str(cpus), "--ram", str(ram), "--disk", str(disk)))
            for name, cpus, ram, disk in FLAVORS
        ),
        create("security group", "common"),
        *(
            Job(
                name=f"rule {protocol} {port}".strip(),
                argv=(
                    *("openstack", "security", "group", "rule", "create", "--protocol", protocol),
                    *(("--dst-port", port) if port else ()),
                    "common",
                ),
                when="finish",
                already_done_message="already exists",
            )
            for protocol, port in ADMITTED
        ),
        create("network", "admin-net"),
        create(
            "subnet",
            "admin-subnet",
            *("--network", "admin-net", "--subnet-range", "{{ setting('admin_network') }}"),
        ),
        create(
            "network",
            "ext-net",
            *("--external", "--provider-network-type", "flat", "--provider-physical-network", "external"),
            where=EXTERNAL,
        ),
        create(
            "subnet",
            "ext-subnet",
            *("--network", "ext-net", "--no-dhcp", "--subnet-range", "{{ setting('external_network') }}"),
            "{{ '--gateway\n' + setting('external_gateway') if setting('external_gateway') }}",
            "{{ '--allocation-pool\nstart=' + setting('external_pool').replace('-', ',end=') "
            "if setting('external_pool') }}",
            where=EXTERNAL,
        ),
        create("router", "admin-router", "--external-gateway", "ext-net", where=EXTERNAL),
        Job(
            name="interface of admin-router in admin-subnet",
            argv=("openstack", "router", "add", "subnet", "admin-router", "admin-subnet"),
            when="finish",
            where=EXTERNAL,
            already_done_message="already has a port on subnet",
        ),
        create(
            "image",
            "test",
            *("--disk-format", "qcow2", "--container-format", "bare", "--public"),
            *("--file", "{{ setting('test_image_file') }}"),
            where={"test_image_file": "*"},
        ),
    ),
)
