"""The OpenStack releases that pcs-os deploys, and everything that differs between them.

A new release is a row here, the packages that it has (tests/cases/openstack), and its rendered hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An OpenStack release; `defaults` are the settings whose default changes from this release on."""

    name: str
    defaults: Mapping[str, str] = field(default_factory=dict)


#: Every release by name, oldest first; this order is the only one that releases have.
RELEASES: Mapping[str, Release] = {
    release.name: release
    for release in (
        Release(name="zed"),
        # Neutron no longer has linuxbridge. Debian 13 brings RabbitMQ 4, which cannot mirror queues, and an
        # oslo.messaging that looks for replies only twice a second.
        Release(
            name="2025.1",
            defaults={
                "network_agent": "openvswitch",
                "queue_type": "quorum",
                "fast_rpc_replies": "yes",
            },
        ),
    )
}

#: The release of a topology that names none. A new row does not change it.
DEFAULT_RELEASE = "zed"


def default_in(release: str, setting: str, default: str) -> str:
    """Return the default of a setting in a release; `default` is the one before the first change."""
    for row in RELEASES.values():
        default = row.defaults.get(setting, default)
        if row.name == release:
            break
    return default


def changes_of(setting: str) -> Mapping[str, str]:
    """Return the releases from which on a setting has another default, with that default."""
    return {name: row.defaults[setting] for name, row in RELEASES.items() if setting in row.defaults}
