"""How far a node's data goes: what Galera and Mnesia leave on a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.agents.galera.position import (
    NOWHERE,
    Position,
    from_grastate,
    from_recovery,
    mark_safe,
    prepared_transactions,
)
from pacemaker_os.agents.rabbitmq.store import Store, brokers

UUID = "9a1b2c3d-0000-11ee-8000-123456789abc"


def grastate(uuid: str, seqno: str, safe: str) -> str:
    return (
        f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   {seqno}\nsafe_to_bootstrap: {safe}\n"
    )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (grastate(UUID, "42", "0"), Position(UUID, 42, False)),
        (grastate(UUID, "42", "1"), Position(UUID, 42, True)),
        (grastate(UUID, "-1", "0"), Position(UUID, -1, False)),
        (grastate(UUID, "-1", "1"), Position(UUID, -1, False)),
        (grastate(UUID, "18446744073709551615", "1"), Position(UUID, -1, False)),
        (grastate(UUID, "", "1"), Position(UUID, -1, False)),
        (grastate(NOWHERE.uuid, "-1", "1"), NOWHERE),
        (grastate("", "1", "1"), NOWHERE),
        ("", NOWHERE),
        ("uuid: torn", NOWHERE),
    ],
)
def test_the_state_file(text: str, position: Position) -> None:
    assert from_grastate(text) == position


def test_leave_to_bootstrap_is_given_once() -> None:
    text = mark_safe(grastate(UUID, "42", "0"))
    assert text.count("safe_to_bootstrap") == 1
    assert from_grastate(text) == Position(UUID, 42, True)


@pytest.mark.parametrize(
    ("said", "position"),
    [
        (f"2026-01-01 [Note] WSREP: Recovered position: {UUID}:17\n", Position(UUID, 17, False)),
        (f"x Recovered position: {UUID}:17,5-0-3\n", Position(UUID, -1, False)),
        (f"Recovered position: {UUID}:1\nRecovered position: {UUID}:2\n", Position(UUID, 2, False)),
        (f"Recovered position: {UUID}:-1\n", Position(UUID, -1, False)),
        ("Recovered position: torn", None),
        ("", None),
    ],
)
def test_a_recovery_run(said: str, position: Position | None) -> None:
    assert from_recovery(said) == position


def test_prepared_transactions_are_noticed() -> None:
    assert prepared_transactions("[ERROR] Found 3 prepared transactions! It means\n")
    assert not prepared_transactions("[ERROR] Aborting\n")


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("['rabbit@n1','rabbit@n2'].\n", ["rabbit@n1", "rabbit@n2"]),
        ("[rabbit@n1,\n rabbit@n2].\n", ["rabbit@n1", "rabbit@n2"]),
        ("{['rabbit@a-1',rabbit@b],[rabbit@b]}.\n", ["rabbit@a-1", "rabbit@b"]),
        ("['rabbit@n1.example.org'].\n", ["rabbit@n1.example.org"]),
        ("[].\n", []),
        ("", []),
    ],
)
def test_brokers_in_an_erlang_term(term: str, names: list[str]) -> None:
    assert brokers(term) == names


def test_a_brokers_data_folder(tmp_path: Path) -> None:
    store = Store(str(tmp_path), "rabbit@n1")
    assert not store.has_data
    folder = tmp_path / "rabbit@n1"
    folder.mkdir()
    (folder / "schema.DAT").touch()
    (folder / "nodes_running_at_shutdown").write_text("[rabbit@n1,rabbit@n3].\n")
    assert store.has_data
    assert store.last() == ["rabbit@n1", "rabbit@n3"]
    Path(store.unjoined).touch()
    assert not store.has_data
