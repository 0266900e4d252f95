"""What haproxy asks hosts before it gives them requests, and how it spreads them."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from clouds import CLOUDS, desired

from pacemaker_os.openstack.definitions import SERVICES

#: The page that each unit's own health is judged by, by port.
PAGES = {
    int(re.sub(r"{{.*?}}", "host", unit.health.url).rpartition(":")[2].partition("/")[0]): urlsplit(
        re.sub(r"{{.*?}}", "host", unit.health.url)
    ).path
    for service in SERVICES.values()
    for unit in service.units
    if unit.health.url
}
HTTP = [entry for service in SERVICES.values() for entry in service.listeners if entry.mode == "http"]


def config(name: str, number: int = 0, **settings: str) -> dict[str, list[str]]:
    """The sections of haproxy.cfg of one of a cloud's front ends, by their first lines."""
    cloud = replace(CLOUDS[name], settings={**CLOUDS[name].settings, **settings})
    host = cloud.with_role("front")[number]
    files = desired(cloud, host).files
    (text,) = (file.redacted for file in files if file.path == "/etc/haproxy/haproxy.cfg")
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return {block[0]: [line.strip() for line in block[1:]] for block in blocks if block}


def test_haproxy_asks_for_the_page_that_pacemaker_asks_for() -> None:
    assert {entry.name: entry.check for entry in HTTP} == {entry.name: PAGES[entry.port] for entry in HTTP}


@pytest.mark.parametrize("name", ["three-controllers", "two-front-nodes", "vip-per-service", "storage-nodes"])
def test_a_port_that_is_open_is_not_enough_where_a_page_can_be_asked_for(name: str) -> None:
    for title, lines in config(name).items():
        if title.startswith("listen ") and any(line.startswith("server ") for line in lines):
            asks = [line for line in lines if line.startswith("http-check send meth GET uri /")]
            assert bool(asks) == ("mode tcp" not in lines), title


def test_only_what_reads_is_asked_again_elsewhere() -> None:
    for lines in config("three-controllers").values():
        again = [line for line in lines if line.startswith("retry-on")]
        assert not again or "http-request disable-l7-retry unless METH_GET" in lines


@pytest.mark.parametrize(
    ("name", "number", "order"),
    [
        ("three-controllers", 0, [1, 2, 3]),
        ("three-controllers", 2, [3, 1, 2]),
        # No database is on a front end.
        ("two-front-nodes", 1, [1, 2, 3]),
    ],
)
def test_all_connections_to_the_database_go_to_one_host_at_first_to_that_with_the_address(
    name: str, number: int, order: list[int]
) -> None:
    found = config(name, number)
    lines = found["listen galera"]
    assert "stick on dst" in lines
    (table,) = (line.split() for line in lines if line.startswith("stick-table"))
    assert f"peers {table[-1]}" in found, "haproxy that is reloaded asks the one before"
    servers = [line.split() for line in lines if line.startswith("server ")]
    assert [words[1] for words in servers] == [f"controller0{number}" for number in order]
    assert [words[-1] == "backup" for words in servers] == [False, True, True]


def test_images_in_a_folder_are_asked_from_the_host_that_has_them() -> None:
    servers = [line for line in config("three-controllers")["listen glance"] if line.startswith("server ")]
    assert [line.endswith(" backup") for line in servers] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "host"), [("three-controllers", "controller02"), ("two-front-nodes", "front02")]
)
def test_haproxy_that_is_reloaded_finds_the_one_before(name: str, host: str) -> None:
    """What the peer of its own name knows it learns; others have addresses of their own."""
    found = config(name, 1)
    assert [line.split()[1] for line in found["peers own"]] == [host]
    assert f"localpeer {host}" in found["global"]


def test_a_replica_of_redis_is_told_from_the_master_at_once() -> None:
    """The server hangs up after its answer; else haproxy waits for the word until its time is over."""
    lines = config("three-controllers")["listen redis"]
    assert "tcp-check send info\\ replication\\r\\nQUIT\\r\\n" in lines
    assert lines[lines.index("tcp-check send info\\ replication\\r\\nQUIT\\r\\n") + 1] == (
        "tcp-check expect string role:master"
    )
    assert "timeout check 2s" in lines


def test_the_dashboard_is_where_browsers_look_for_it_and_apis_stay_at_their_ports() -> None:
    plain, encrypted = (config("three-controllers", tls=word) for word in ("no", "yes"))

    def binds(found: dict[str, list[str]], name: str) -> list[str]:
        return [line.partition(":")[2] for line in found[f"listen {name}"] if line.startswith("bind ")]

    pem = "ssl crt /etc/haproxy/cloud.pem"
    assert (binds(plain, "horizon"), binds(plain, "keystone")) == (["80"], ["5000"])
    assert (binds(encrypted, "horizon"), binds(encrypted, "keystone")) == (
        [f"443 {pem}", "80"],
        [f"5000 {pem}"],
    )
    away = "http-request redirect scheme https unless { ssl_fc }"
    assert [name for name, lines in encrypted.items() if away in lines] == ["listen horizon"]
    assert not any(away in lines for lines in plain.values())
