"""The listeners of haproxy: health checks and the distribution of connections."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from clouds import CLOUDS, desired

from pacemaker_os.openstack.definitions import SERVICES

#: The path of each unit's own health check, by port.
CHECK_PATHS = {
    int(re.sub(r"{{.*?}}", "host", unit.health.url).rpartition(":")[2].partition("/")[0]): urlsplit(
        re.sub(r"{{.*?}}", "host", unit.health.url)
    ).path
    for service in SERVICES.values()
    for unit in service.units
    if unit.health.url
}
HTTP = [entry for service in SERVICES.values() for entry in service.listeners if entry.mode == "http"]


def config(name: str, number: int = 0, **settings: str) -> dict[str, list[str]]:
    """Return the sections of haproxy.cfg on one of a cloud's load balancers, by their first lines."""
    cloud = replace(CLOUDS[name], settings={**CLOUDS[name].settings, **settings})
    host = cloud.with_role("front")[number]
    files = desired(cloud, host).files
    (text,) = (file.redacted for file in files if file.path == "/etc/haproxy/haproxy.cfg")
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return {block[0]: [line.strip() for line in block[1:]] for block in blocks if block}


def test_haproxy_and_pacemaker_check_the_same_path() -> None:
    assert {entry.name: entry.check for entry in HTTP} == {
        entry.name: CHECK_PATHS[entry.port] for entry in HTTP
    }


@pytest.mark.parametrize("name", ["three-controllers", "two-front-nodes", "vip-per-service", "storage-nodes"])
def test_http_listeners_have_an_http_check(name: str) -> None:
    for title, lines in config(name).items():
        if title.startswith("listen ") and any(line.startswith("server ") for line in lines):
            checks = [line for line in lines if line.startswith("http-check send meth GET uri /")]
            assert bool(checks) == ("mode tcp" not in lines), title


def test_retries_are_limited_to_get_requests() -> None:
    for lines in config("three-controllers").values():
        retries = [line for line in lines if line.startswith("retry-on")]
        assert not retries or "http-request disable-l7-retry unless METH_GET" in lines


@pytest.mark.parametrize(
    ("name", "number", "order"),
    [
        ("three-controllers", 0, [1, 2, 3]),
        ("three-controllers", 2, [3, 1, 2]),
        # Front nodes have no database.
        ("two-front-nodes", 1, [1, 2, 3]),
    ],
)
def test_database_connections_stick_to_one_server_local_first(
    name: str, number: int, order: list[int]
) -> None:
    found = config(name, number)
    lines = found["listen galera"]
    assert "stick on dst" in lines
    (table,) = (line.split() for line in lines if line.startswith("stick-table"))
    assert f"peers {table[-1]}" in found, "a reloaded haproxy gets the table from its predecessor"
    servers = [line.split() for line in lines if line.startswith("server ")]
    assert [server[1] for server in servers] == [f"controller0{number}" for number in order]
    assert [server[-1] == "backup" for server in servers] == [False, True, True]


def test_images_in_files_are_requested_from_the_first_server() -> None:
    servers = [line for line in config("three-controllers")["listen glance"] if line.startswith("server ")]
    assert [line.endswith(" backup") for line in servers] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "host"), [("three-controllers", "controller02"), ("two-front-nodes", "front02")]
)
def test_haproxy_is_its_own_peer_across_reloads(name: str, host: str) -> None:
    """A reloaded process learns the table of its predecessor, which has the same peer name."""
    found = config(name, 1)
    assert [line.split()[1] for line in found["peers own"]] == [host]
    assert f"localpeer {host}" in found["global"]


def test_redis_check_closes_the_connection() -> None:
    """Otherwise haproxy waits for the expected string of a replica until the timeout."""
    lines = config("three-controllers")["listen redis"]
    assert "tcp-check send info\\ replication\\r\\nQUIT\\r\\n" in lines
    assert lines[lines.index("tcp-check send info\\ replication\\r\\nQUIT\\r\\n") + 1] == (
        "tcp-check expect string role:master"
    )
    assert "timeout check 2s" in lines


def test_tls_moves_the_dashboard_to_port_443_and_keeps_api_ports() -> None:
    plain, encrypted = (config("three-controllers", tls=value) for value in ("no", "yes"))

    def binds(found: dict[str, list[str]], name: str) -> list[str]:
        return [line.partition(":")[2] for line in found[f"listen {name}"] if line.startswith("bind ")]

    pem = "ssl crt /etc/haproxy/cloud.pem"
    assert (binds(plain, "horizon"), binds(plain, "keystone")) == (["80"], ["5000"])
    assert (binds(encrypted, "horizon"), binds(encrypted, "keystone")) == (
        [f"443 {pem}", "80"],
        [f"5000 {pem}"],
    )
    redirect = "http-request redirect scheme https unless { ssl_fc }"
    assert [name for name, lines in encrypted.items() if redirect in lines] == ["listen horizon"]
    assert not any(redirect in lines for lines in plain.values())
