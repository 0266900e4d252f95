"""The settings of a topology, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack import releases, value_types
from pacemaker_os.openstack.value_types import ValueType, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting: its name, its description, its default, and either a list of choices or a type of values.

    releases.py lists the defaults that change with a release.
    """

    name: str
    description: str
    default: str = ""
    value_type: ValueType | None = None
    choices: tuple[str, ...] = ()

    def in_release(self, release: str) -> str:
        """Return the default in a release."""
        return releases.default_in(release, self.name, self.default)

    def accepts(self, value: str) -> bool:
        """Return whether a value is valid. Unless there are choices, the empty text selects the default."""
        if self.value_type is None:
            return value in self.choices
        return not value or self.value_type.accepts(value)

    @property
    def expected(self) -> str:
        """The valid values, for messages."""
        return " or ".join(self.choices) if self.value_type is None else self.value_type.name


_YES_NO = ("no", "yes")

#: Every setting by name.
SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            name="workers",
            description="Number of processes of each API and worker on each host.",
            default="2",
            value_type=number("a number of processes", 1),
        ),
        Setting(
            name="node_action_limit",
            description=(
                "Maximum number of actions that Pacemaker runs in parallel on a node (node-action-limit). "
                "Default: twice the number of cores."
            ),
            value_type=number("a number of actions", 1),
        ),
        Setting(
            name="monitor_interval",
            description=(
                "Interval of Pacemaker's monitors of OpenStack services, in seconds. haproxy checks APIs "
                "every 5 s on its own."
            ),
            default="20",
            value_type=number("a number of seconds", 1),
        ),
        Setting(
            name="remote_timeout",
            description=(
                "Time, in seconds, after which an unresponsive compute node is fenced. Its connection is "
                "monitored every 10 s."
            ),
            default="20",
            value_type=number("a number of seconds", 1),
        ),
        Setting(
            name="database_memory",
            description="InnoDB buffer pool size of the database on each controller.",
            default="1G",
            value_type=value_types.SIZE,
        ),
        Setting(
            name="cache_memory",
            description="Memory of memcached on each controller, in MiB.",
            default="256",
            value_type=number("a number of MiB", 1),
        ),
        Setting(
            name="image_store",
            description=(
                "Storage backend of Glance. With `file`, only one controller has the images unless "
                "`image_nfs_export` is set."
            ),
            default="file",
            choices=("file", "swift", "rbd"),
        ),
        Setting(
            name="image_nfs_export",
            description="NFS export that all controllers mount for images, for example 192.0.2.5:/images.",
            value_type=value_types.NFS_EXPORT,
        ),
        Setting(
            name="compute_driver",
            description="Nova's compute driver.",
            default="libvirt.LibvirtDriver",
            value_type=value_types.CLASS,
        ),
        Setting(
            name="virt_type",
            description="libvirt's virtualization type. Use `qemu` on hosts without hardware virtualization.",
            default="kvm",
            choices=("kvm", "qemu"),
        ),
        Setting(
            name="instances_nfs_export",
            description=(
                "NFS export that all compute nodes mount for the disks of instances, which live migration "
                "and evacuation need, for example 192.0.2.5:/instances."
            ),
            value_type=value_types.NFS_EXPORT,
        ),
        Setting(
            name="shared_instance_storage",
            description=(
                "Declare that all compute nodes share the disks of instances without NFS, for example on "
                "Ceph, so that instances with local disks are evacuated."
            ),
            default="no",
            choices=_YES_NO,
        ),
        Setting(
            name="network_agent",
            description="Neutron agent that connects ports to bridges.",
            default="linuxbridge",
            choices=("linuxbridge", "openvswitch"),
        ),
        Setting(
            name="ovs_datapath_type",
            description=(
                "Datapath of Open vSwitch. Use `netdev` (a user-space process) where the kernel has no "
                "Open vSwitch module."
            ),
            default="system",
            choices=("system", "netdev"),
        ),
        Setting(
            name="tenant_network_type",
            description="Type of project networks. `local` networks do not reach other hosts.",
            default="vxlan",
            choices=("vxlan", "local"),
        ),
        Setting(
            name="external_interface",
            description=(
                "Interface of the network nodes to the external network. If empty, there is no external "
                "network."
            ),
            value_type=value_types.INTERFACE,
        ),
        Setting(
            name="privsep_capabilities",
            description=(
                "Capabilities of the privsep helpers of Neutron and Nova, for hosts that cannot grant the "
                "default ones, such as containers."
            ),
            value_type=value_types.CAPABILITIES,
        ),
        Setting(
            name="volume_backend",
            description=(
                "Storage backend of Cinder. With `lvm`, volumes exist only on the host that runs "
                "cinder-volume and are unavailable while it is down."
            ),
            default="nfs",
            choices=("nfs", "rbd", "lvm"),
        ),
        Setting(
            name="volume_nfs_export",
            description="NFS export for volumes, for example 192.0.2.5:/volumes.",
            default="127.0.0.1:/srv",
            value_type=value_types.NFS_EXPORT,
        ),
        Setting(
            name="swift_device",
            description="Name of the device directory below /srv/node on each storage node.",
            default="d1",
            value_type=value_types.NAME,
        ),
        Setting(
            name="mount_check",
            description="Reject devices of Swift that are not mount points.",
            default="true",
            choices=("true", "false"),
        ),
        Setting(
            name="time_zone",
            description="Time zone of the dashboard.",
            default="UTC",
            value_type=value_types.TIME_ZONE,
        ),
        Setting(
            name="ntp_servers",
            description="NTP servers of the controllers. All other hosts synchronize with the controllers.",
            default="pool.ntp.org",
            value_type=value_types.HOSTS,
        ),
        Setting(
            name="keepalived_router_id",
            description="VRRP router ID of the front nodes. It must be unique in their network.",
            default="51",
            value_type=number("a number", 1, 255),
        ),
        Setting(
            name="external_network",
            description="External network to create, for example 203.0.113.0/24. If empty, none is created.",
            value_type=value_types.NETWORK,
        ),
        Setting(
            name="external_pool",
            description=(
                "Range of floating IP addresses in the external network, for example "
                "203.0.113.100-203.0.113.200. Default: all addresses."
            ),
            value_type=value_types.ADDRESSES,
        ),
        Setting(
            name="external_gateway",
            description="Gateway of the external network. Default: its first address.",
            value_type=value_types.ADDRESS,
        ),
        Setting(
            name="admin_network",
            description="First network of the project admin.",
            default="192.168.200.0/24",
            value_type=value_types.NETWORK,
        ),
        Setting(
            name="test_image_file",
            description="Test image to upload to Glance: a file on the first controller.",
            value_type=value_types.PATH,
        ),
        Setting(
            name="fernet_rotation_hours",
            description=(
                "Rotation period of Keystone's Fernet keys, in hours; not shorter than the lifetime of a "
                "token (1 h). Changing this setting replaces all keys, so all users must log in again."
            ),
            default="24",
            value_type=number("a number of hours", 1),
        ),
        Setting(
            name="queue_type",
            description=(
                "Type of RabbitMQ queues: on one broker (`classic`) or replicated (`mirrored`, `quorum`). "
                "RabbitMQ 4 has no mirrored queues."
            ),
            default="mirrored",
            choices=("classic", "mirrored", "quorum"),
        ),
        Setting(
            name="backend_niceness",
            description=(
                "Niceness of the database and the message broker. After a node failure the remaining "
                "nodes are busy, and every service depends on these two."
            ),
            default="-10",
            value_type=number("a number", -20, 19),
        ),
        Setting(
            name="keystone_niceness",
            description=(
                "Niceness of Keystone where it has a systemd unit of its own (Debian). Every other API "
                "waits for Keystone; Keystone waits for the database and the message broker."
            ),
            default="-5",
            value_type=number("a number", -20, 19),
        ),
        Setting(
            name="prefer_local_broker",
            description="Prefer the message broker on the same controller.",
            default="yes",
            choices=_YES_NO,
        ),
        Setting(
            name="fast_rpc_replies",
            description=(
                "Deliver RPC replies within milliseconds where oslo.messaging polls for them every 0.5 s."
            ),
            default="no",
            choices=_YES_NO,
        ),
        Setting(
            name="fencing",
            description=(
                "Power off failed nodes. `no` is for test clouds only: without fencing, a failed node can "
                "keep writing to data that another node has taken over."
            ),
            default="yes",
            choices=_YES_NO,
        ),
        Setting(
            name="tls",
            description="Use TLS at the virtual IP addresses.",
            default="no",
            choices=_YES_NO,
        ),
        Setting(
            name="tls_pem",
            description=(
                "Certificate and private key for the virtual IP addresses: a PEM file on every host with "
                "haproxy."
            ),
            default="/etc/haproxy/cloud.pem",
            value_type=value_types.PATH,
        ),
        Setting(
            name="tls_ca",
            description="CA bundle that verifies this certificate: a file on every host.",
            default="/etc/ssl/certs/ca-certificates.crt",
            value_type=value_types.PATH,
        ),
    )
}

#: Former names of settings, with the present ones.
RENAMED: Mapping[str, str] = {
    "actions_per_node": "node_action_limit",
    "bridge_datapath": "ovs_datapath_type",
    "fernet_period": "fernet_rotation_hours",
    "image_file": "test_image_file",
    "image_share": "image_nfs_export",
    "instances_share": "instances_nfs_export",
    "instances_shared": "shared_instance_storage",
    "keepalived_router": "keepalived_router_id",
    "keystone_nice": "keystone_niceness",
    "nearest_broker": "prefer_local_broker",
    "queues": "queue_type",
    "quick_answers": "fast_rpc_replies",
    "stores_nice": "backend_niceness",
    "volume_share": "volume_nfs_export",
}
