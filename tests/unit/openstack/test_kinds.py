"""Settings take what is of their kind, and nothing else."""

from __future__ import annotations

import pytest

from pacemaker_os.openstack import kinds
from pacemaker_os.openstack.kinds import Kind
from pacemaker_os.openstack.settings import SETTINGS

NICE = kinds.number("a number", -20, 19)
HOURS = kinds.number("a number of hours", 1)

#: A kind, what is of it, and what is not.
KINDS = (
    (NICE, "-20 0 19", "-21 20 1.5 1_0 --1 ten"),
    (HOURS, "1 24", "0 -1 24h 1;2"),
    (kinds.ADDRESS, "192.0.2.1 2001:db8::1", "192.0.2 192.0.2.1/24 host"),
    (kinds.ADDRESSES, "192.0.2.1-192.0.2.9", "192.0.2.9-192.0.2.1 192.0.2.1 192.0.2.1-2001:db8::1 1-2-3"),
    (kinds.CAPABILITIES, "CAP_NET_ADMIN CAP_SYS_ADMIN,CAP_SYS_PTRACE", "net_admin CAP_SYS_ADMIN, ,"),
    (kinds.CLASS, "libvirt.LibvirtDriver", "libvirt .Driver a.b;c"),
    (kinds.HOSTS, "pool.ntp.org 192.0.2.1 2001:db8::1", "a,b"),
    (kinds.INTERFACE, "eth1 bond0.100", "eth1/2 aninterfacetoolong"),
    (kinds.NAME, "d1 sdb-1", "d1/d2"),
    (kinds.NETWORK, "192.0.2.0/24", "192.0.2.1/24 network"),
    (kinds.NFS_EXPORT, "192.0.2.5:/images [2001:db8::1]:/images nfs.example:/", "/images 192.0.2.5:images"),
    (kinds.PATH, "/etc/ssl/ca.crt", "ca.crt ~/ca.crt"),
    (kinds.SIZE, "1G 512M 1073741824", "1GiB much"),
    (kinds.TIME_ZONE, "UTC Europe/Berlin America/Port-au-Prince Etc/GMT+1", "Europe/ 'UTC'"),
)


@pytest.mark.parametrize(("kind", "good", "bad"), KINDS, ids=[kind.name for kind, _, _ in KINDS])
def test_a_kind_has_what_is_of_it(kind: Kind, good: str, bad: str) -> None:
    assert [text for text in good.split() if not kind.has(text)] == []
    assert [text for text in bad.split() if kind.has(text)] == []


@pytest.mark.parametrize("text", ["1\n", "\n1", "1\nPERIOD"])
def test_no_kind_takes_a_second_line(text: str) -> None:
    found = {setting.kind for setting in SETTINGS.values() if setting.kind}
    assert [kind.name for kind in found if kind.has(text)] == []


def test_every_default_is_good() -> None:
    for name, setting in SETTINGS.items():
        values = (setting.default, *setting.releases.values())
        assert [value for value in values if not setting.takes(value)] == [], name


def test_names_can_stand_one_after_another() -> None:
    assert kinds.HOSTS.has("a.example b.example")
    assert not kinds.HOSTS.has("a.example\tb.example")


def test_bounds_are_told() -> None:
    assert (NICE.name, HOURS.name) == ("a number, -20 to 19", "a number of hours, 1 or more")
