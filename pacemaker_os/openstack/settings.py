"""What an operator can choose, and what holds when nothing is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pacemaker_os.openstack import kinds
from pacemaker_os.openstack.kinds import Kind, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting: what it means, its default, the words or the kind of values that it takes, and the releases
    from which on there is another default.
    """

    meaning: str
    default: str = ""
    kind: Kind | None = None
    words: tuple[str, ...] = ()
    releases: Mapping[str, str] = field(default_factory=dict)

    def in_release(self, release: str) -> str:
        """The default in a release."""
        begun = [since for since in self.releases if _order(since) <= _order(release)]
        return self.releases[max(begun, key=_order)] if begun else self.default

    def takes(self, value: str) -> bool:
        """Whether a value is good; no text at all means the default, where there is no choice of words."""
        return value in self.words if self.kind is None else not value or self.kind.has(value)

    @property
    def values(self) -> str:
        """What a value is, in words."""
        return " or ".join(self.words) if self.kind is None else self.kind.name


def _order(release: str) -> tuple[int, ...]:
    """Where a release comes: those of a year and a number after all that have a name."""
    words = release.split(".")
    return tuple(map(int, words)) if all(map(str.isdigit, words)) else ()


SETTINGS: Mapping[str, Setting] = {
    "workers": Setting(
        meaning="How many of each API and worker run on each host.",
        default="2",
        kind=number("a number of processes", 1),
    ),
    "actions_per_node": Setting(
        kind=number("a number of actions", 1),
        meaning="How many things Pacemaker does at once on a node; as a rule twice as many as it has cores.",
    ),
    "monitor_interval": Setting(
        meaning="How often Pacemaker looks whether a service serves; haproxy looks at APIs every 5 s.",
        default="20",
        kind=number("a number of seconds", 1),
    ),
    "remote_timeout": Setting(
        meaning="How long a compute node that is asked whether it lives, every 10 s, may say nothing before "
        "it is fenced.",
        default="20",
        kind=number("a number of seconds", 1),
    ),
    "database_memory": Setting(
        meaning="Of the database, for its pages, on each controller.",
        default="1G",
        kind=kinds.SIZE,
    ),
    "cache_memory": Setting(
        meaning="Of memcached on each controller.", default="256", kind=number("a number of MiB", 1)
    ),
    "image_store": Setting(
        meaning="Where images are kept; `file` is on one controller alone unless `image_share` is given.",
        default="file",
        words=("file", "swift", "rbd"),
    ),
    "image_share": Setting(
        kind=kinds.NFS_EXPORT, meaning="What all controllers mount for images: 192.0.2.5:/images."
    ),
    "compute_driver": Setting(
        kind=kinds.CLASS, meaning="Nova's driver of the hypervisor.", default="libvirt.LibvirtDriver"
    ),
    "virt_type": Setting(
        meaning="What libvirt runs guests with; qemu without hardware support.",
        default="kvm",
        words=("kvm", "qemu"),
    ),
    "instances_share": Setting(
        kind=kinds.NFS_EXPORT,
        meaning="What all compute nodes mount for instances, for live migration: 192.0.2.5:/instances.",
    ),
    "instances_shared": Setting(
        meaning="Whether each compute node reaches all instances' disks in another way, as with Ceph.",
        default="no",
        words=("no", "yes"),
    ),
    "network_agent": Setting(
        meaning="What plugs ports into bridges; 2025.1 has no linuxbridge any more.",
        default="linuxbridge",
        words=("linuxbridge", "openvswitch"),
        releases={"2025.1": "openvswitch"},
    ),
    "bridge_datapath": Setting(
        meaning="What moves packets for Open vSwitch: the kernel, or a process where a kernel cannot.",
        default="system",
        words=("system", "netdev"),
    ),
    "tenant_network_type": Setting(
        meaning="How networks of projects reach other hosts.", default="vxlan", words=("vxlan", "local")
    ),
    "external_interface": Setting(
        kind=kinds.INTERFACE,
        meaning="The interface of network nodes to the external network; none: no external network.",
    ),
    "privsep_capabilities": Setting(
        kind=kinds.CAPABILITIES,
        meaning="What helpers of Neutron and Nova ask for, where their own are not to be had.",
    ),
    "volume_backend": Setting(
        meaning="Where volumes are kept; `lvm` is on the host that runs cinder-volume, and stays there.",
        default="nfs",
        words=("nfs", "rbd", "lvm"),
    ),
    "volume_share": Setting(
        kind=kinds.NFS_EXPORT,
        meaning="The NFS export for volumes: 192.0.2.5:/volumes.",
        default="127.0.0.1:/srv",
    ),
    "swift_device": Setting(
        kind=kinds.NAME, meaning="The folder below /srv/node on each storage node.", default="d1"
    ),
    "mount_check": Setting(
        meaning="Whether Swift refuses a device that is no mounted disk.",
        default="true",
        words=("true", "false"),
    ),
    "time_zone": Setting(kind=kinds.TIME_ZONE, meaning="The dashboard's time zone.", default="UTC"),
    "ntp_servers": Setting(
        kind=kinds.HOSTS,
        meaning="Where the controllers take the time from.",
        default="pool.ntp.org",
    ),
    "keepalived_router": Setting(
        kind=number("a number", 1, 255),
        meaning="The number of the front-end nodes' virtual router, alone in its network.",
        default="51",
    ),
    "external_network": Setting(
        kind=kinds.NETWORK, meaning="The external network to make, as 203.0.113.0/24; none if empty."
    ),
    "external_pool": Setting(
        kind=kinds.ADDRESSES, meaning="Its floating addresses: 203.0.113.100-203.0.113.200."
    ),
    "external_gateway": Setting(kind=kinds.ADDRESS, meaning="Its gateway."),
    "admin_network": Setting(
        kind=kinds.NETWORK, meaning="The first network of project admin.", default="192.168.200.0/24"
    ),
    "image_file": Setting(kind=kinds.PATH, meaning="A test image to upload, a file on the first controller."),
    "fernet_period": Setting(
        meaning=(
            "How long tokens are signed with one key, not shorter than a token lasts (1 h). "
            "Changing it makes all keys other ones: everybody logs in again."
        ),
        kind=number("a number of hours", 1),
        default="24",
    ),
    "queues": Setting(
        meaning="How the message bus keeps its queues on several nodes; RabbitMQ 4 has no mirrored ones.",
        default="mirrored",
        words=("classic", "mirrored", "quorum"),
        releases={"2025.1": "quorum"},
    ),
    "stores_nice": Setting(
        meaning=(
            "Niceness of database and broker. When a node is lost all that is left has much to do, and what "
            "everybody waits for goes first."
        ),
        kind=number("a number", -20, 19),
        default="-10",
    ),
    "keystone_nice": Setting(
        meaning=(
            "Niceness of Keystone where a unit of its own runs it (Debian). Without its answer no other "
            "service gives one; itself needs database and broker, and comes after them."
        ),
        kind=number("a number", -20, 19),
        default="-5",
    ),
    "nearest_broker": Setting(
        meaning="Whether a controller's services ask the broker beside them first, or any.",
        default="yes",
        words=("no", "yes"),
    ),
    "quick_answers": Setting(
        meaning="Whether services see answers of the message bus at once; 2025.1 looks twice a second.",
        default="no",
        words=("no", "yes"),
        releases={"2025.1": "yes"},
    ),
    "fencing": Setting(
        meaning="Whether a node that is lost is powered off; `no` only where nothing is kept.",
        default="yes",
        words=("no", "yes"),
    ),
    "tls": Setting(meaning="Speak TLS at the virtual addresses.", default="no", words=("no", "yes")),
    "tls_pem": Setting(
        kind=kinds.PATH,
        meaning="Certificate and key for the virtual addresses, a file on every host that has haproxy.",
        default="/etc/haproxy/cloud.pem",
    ),
    "tls_ca": Setting(
        kind=kinds.PATH,
        meaning="The authority of that certificate, a file on every host.",
        default="/etc/ssl/certs/ca-certificates.crt",
    ),
}
