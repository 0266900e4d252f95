"""What haproxy asks hosts before it gives them requests, and how it spreads them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.render import wanted_host

#: The page that each unit's own health is judged by, by port.
PAGES = {
    int(re.sub(r"{{.*?}}", "host", unit.health.url).rpartition(":")[2].partition("/")[0]): urlsplit(
        re.sub(r"{{.*?}}", "host", unit.health.url)
    ).path
    for service in CATALOGUE.values()
    for unit in service.units
    if unit.health.url
}
HTTP = [entry for service in CATALOGUE.values() for entry in service.listeners if entry.mode == "http"]


def config(name: str) -> dict[str, list[str]]:
    """The sections of a cloud's haproxy.cfg, by their first lines."""
    cloud = CLOUDS[name]
    host = cloud.with_role("front")[0]
    files = wanted_host(cloud, host, secrets(cloud)).files
    (text,) = (file.shown for file in files if file.path == "/etc/haproxy/haproxy.cfg")
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return {block[0]: [line.strip() for line in block[1:]] for block in blocks if block}


def test_haproxy_asks_for_the_page_that_pacemaker_asks_for() -> None:
    assert {entry.name: entry.check for entry in HTTP} == {entry.name: PAGES[entry.port] for entry in HTTP}


@pytest.mark.parametrize("name", ["three-controllers", "seed-000", "seed-003", "storage-nodes"])
def test_a_port_that_is_open_is_not_enough_where_a_page_can_be_asked_for(name: str) -> None:
    for title, lines in config(name).items():
        if title.startswith("listen ") and any(line.startswith("server ") for line in lines):
            asks = [line for line in lines if line.startswith("http-check send meth GET uri /")]
            assert bool(asks) == ("mode tcp" not in lines), title


def test_only_what_reads_is_asked_again_elsewhere() -> None:
    for lines in config("three-controllers").values():
        again = [line for line in lines if line.startswith("retry-on")]
        assert not again or "http-request disable-l7-retry unless METH_GET" in lines


def test_all_connections_to_the_database_go_to_the_same_host() -> None:
    lines = config("three-controllers")["listen galera"]
    assert "stick on dst" in lines
    assert [line.split()[-1] for line in lines if line.startswith("server ")] == [
        f"192.0.2.{number}:3306" for number in (11, 12, 13)
    ]


def test_images_in_a_folder_are_asked_from_the_host_that_has_them() -> None:
    servers = [line for line in config("three-controllers")["listen glance"] if line.startswith("server ")]
    assert [line.endswith(" backup") for line in servers] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "peers"),
    [
        ("three-controllers", ("controller01", "controller02", "controller03")),
        ("seed-000", ("front01", "front02")),
    ],
)
def test_every_haproxy_knows_the_others(name: str, peers: tuple[str, ...]) -> None:
    found = config(name)
    assert tuple(line.split()[1] for line in found["peers cloud"]) == peers
    assert f"localpeer {peers[0]}" in found["global"]


def test_a_replica_of_redis_is_told_from_the_master_at_once() -> None:
    """The server hangs up after its answer; else haproxy waits for the word until its time is over."""
    lines = config("three-controllers")["listen redis"]
    assert "tcp-check send info\\ replication\\r\\nQUIT\\r\\n" in lines
    assert lines[lines.index("tcp-check send info\\ replication\\r\\nQUIT\\r\\n") + 1] == (
        "tcp-check expect string role:master"
    )
    assert "timeout check 2s" in lines
