"""Host addresses with optional ports."""

from __future__ import annotations

import pytest

from pacemaker_os.ocf.network.address import format_address, is_local, parse_address, same_host


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("node1", "node1", 0),
        ("node1:4567", "node1", 4567),
        ("10.0.0.1:1", "10.0.0.1", 1),
        ("fd00::1", "fd00::1", 0),
        ("[fd00::1]", "fd00::1", 0),
        ("[fd00::1]:4567", "fd00::1", 4567),
        ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
    ],
)
def test_address_is_split_and_formatted(text: str, host: str, port: int) -> None:
    assert parse_address(text) == (host, port)
    assert parse_address(format_address(host, port)) == (host, port)


@pytest.mark.parametrize(
    "text",
    ["", ":1", "node1:x", "node1:0", "node1:65536", "node1:٣", "[fd00::1", "[fd00::1]x", "[node1]:1", "[]"],
)
def test_invalid_address_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid address"):
        parse_address(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("NODE1", "node1", True),
        ("node1.example.", "node1.example", True),
        ("fd00::1", "FD00:0:0::1", True),
        ("fd00::1", "fd00::2", False),
        ("node1", "node2", False),
        ("x:y:z", "X:y:z", True),
    ],
)
def test_same_host_in_any_spelling(one: str, other: str, same: bool) -> None:
    assert same_host(one, other) is same


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.1", True), ("0.0.0.0", True), ("192.0.2.1", False), ("2001:db8::1", False)]
)
def test_is_local_of_an_address(host: str, local: bool) -> None:
    assert is_local(host) is local
