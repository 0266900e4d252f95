"""Values of settings: each type accepts its own values only."""

from __future__ import annotations

import pytest

from pacemaker_os.openstack import releases, value_types
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.openstack.value_types import ValueType

NICENESS = value_types.number("a number", -20, 19)
HOURS = value_types.number("a number of hours", 1)

#: A type, values that it accepts, and values that it rejects.
TYPES = (
    (NICENESS, "-20 0 19", "-21 20 1.5 1_0 --1 ten"),
    (HOURS, "1 24", "0 -1 24h 1;2"),
    (value_types.ADDRESS, "192.0.2.1 2001:db8::1", "192.0.2 192.0.2.1/24 host"),
    (
        value_types.ADDRESSES,
        "192.0.2.1-192.0.2.9",
        "192.0.2.9-192.0.2.1 192.0.2.1 192.0.2.1-2001:db8::1 1-2-3",
    ),
    (value_types.CAPABILITIES, "CAP_NET_ADMIN CAP_SYS_ADMIN,CAP_SYS_PTRACE", "net_admin CAP_SYS_ADMIN, ,"),
    (value_types.CLASS, "libvirt.LibvirtDriver", "libvirt .Driver a.b;c"),
    (value_types.HOSTS, "pool.ntp.org 192.0.2.1 2001:db8::1", "a,b"),
    (value_types.INTERFACE, "eth1 bond0.100", "eth1/2 aninterfacetoolong"),
    (value_types.NAME, "d1 sdb-1", "d1/d2"),
    (value_types.NETWORK, "192.0.2.0/24", "192.0.2.1/24 network"),
    (
        value_types.NFS_EXPORT,
        "192.0.2.5:/images [2001:db8::1]:/images nfs.example:/",
        "/images 192.0.2.5:images",
    ),
    (value_types.PATH, "/etc/ssl/ca.crt", "ca.crt ~/ca.crt"),
    (value_types.SIZE, "1G 512M 1073741824", "1GiB much"),
    (value_types.TIME_ZONE, "UTC Europe/Berlin America/Port-au-Prince Etc/GMT+1", "Europe/ 'UTC'"),
)


@pytest.mark.parametrize(("value_type", "good", "bad"), TYPES, ids=[each.name for each, _, _ in TYPES])
def test_value_type_accepts_its_values_only(value_type: ValueType, good: str, bad: str) -> None:
    assert [text for text in good.split() if not value_type.accepts(text)] == []
    assert [text for text in bad.split() if value_type.accepts(text)] == []


@pytest.mark.parametrize("text", ["1\n", "\n1", "1\nPERIOD"])
def test_value_type_rejects_line_breaks(text: str) -> None:
    found = {setting.value_type for setting in SETTINGS.values() if setting.value_type}
    assert [each.name for each in found if each.accepts(text)] == []


def test_defaults_are_valid() -> None:
    for name, setting in SETTINGS.items():
        values = (setting.default, *releases.changes_of(name).values())
        assert [value for value in values if not setting.accepts(value)] == [], name


def test_hosts_are_separated_by_spaces() -> None:
    assert value_types.HOSTS.accepts("a.example b.example")
    assert not value_types.HOSTS.accepts("a.example\tb.example")


def test_number_names_its_limits() -> None:
    assert (NICENESS.name, HOURS.name) == ("a number, -20 to 19", "a number of hours, 1 or more")
