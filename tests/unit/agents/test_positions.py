"""The position of a node's data, from the files of Galera and Mnesia."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.agents.galera.position import (
    COMPLETE,
    PARTIAL,
    UNKNOWN_POSITION,
    UNPROVEN,
    Position,
    copy_of,
    from_grastate,
    from_recovery,
    mark_safe,
    prepared_transactions,
)
from pacemaker_os.agents.galera.position import grastate as written
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
        (grastate(UNKNOWN_POSITION.uuid, "-1", "1"), UNKNOWN_POSITION),
        (grastate("", "1", "1"), UNKNOWN_POSITION),
        ("", UNKNOWN_POSITION),
        ("uuid: torn", UNKNOWN_POSITION),
    ],
)
def test_from_grastate_reads_position(text: str, position: Position) -> None:
    assert from_grastate(text) == position


NONE = UNKNOWN_POSITION.uuid
CRASHED, CLEAN, INVALID = grastate(UUID, "-1", "0"), grastate(UUID, "42", "0"), grastate(NONE, "-1", "0")


@pytest.mark.parametrize(
    ("grastate", "record", "recovered", "copy"),
    [
        (CLEAN, "", UUID, COMPLETE),
        (CLEAN, "joining\n", UUID, COMPLETE),
        (CRASHED, "", UUID, COMPLETE),
        (CRASHED, f"synced {UUID}\n", UUID, COMPLETE),
        (CRASHED, "joining\n", UUID, UNPROVEN),
        (INVALID, "", UUID, PARTIAL),
        (INVALID, "joining\n", UUID, PARTIAL),
        (INVALID, f"synced {UUID}\n", UUID, PARTIAL),
        ("", "", UUID, UNPROVEN),
        ("", "joining\n", UUID, UNPROVEN),
        ("", f"synced {UUID}\n", UUID, COMPLETE),
        ("", f"synced {UUID[::-1]}\n", UUID, UNPROVEN),
        ("\0" * 104, f"synced {UUID}\n", UUID, COMPLETE),
        ("uuid: torn", "", UUID, UNPROVEN),
        # Data that was never in a cluster
        ("", "", NONE, COMPLETE),
        (INVALID, "joining\n", NONE, COMPLETE),
    ],
)
def test_copy_of_data_needs_evidence(grastate: str, record: str, recovered: str, copy: str) -> None:
    assert copy_of(grastate, record, Position(recovered, 42, False)) == copy


def test_written_grastate_continues_history() -> None:
    assert from_grastate(written(UUID, 42)) == Position(UUID, 42, True)


def test_mark_safe_sets_flag_once() -> None:
    text = mark_safe(grastate(UUID, "42", "0"))
    assert text.count("safe_to_bootstrap") == 1
    assert from_grastate(text) == Position(UUID, 42, True)


@pytest.mark.parametrize(
    ("output", "position"),
    [
        (f"2026-01-01 [Note] WSREP: Recovered position: {UUID}:17\n", Position(UUID, 17, False)),
        (f"x Recovered position: {UUID}:17,5-0-3\n", Position(UUID, -1, False)),
        (f"Recovered position: {UUID}:1\nRecovered position: {UUID}:2\n", Position(UUID, 2, False)),
        (f"Recovered position: {UUID}:-1\n", Position(UUID, -1, False)),
        ("Recovered position: torn", None),
        ("", None),
    ],
)
def test_from_recovery_reads_position(output: str, position: Position | None) -> None:
    assert from_recovery(output) == position


def test_prepared_transactions_are_detected() -> None:
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
def test_brokers_reads_erlang_term(term: str, names: list[str]) -> None:
    assert brokers(term) == names


def test_store_reads_data_directory(tmp_path: Path) -> None:
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
