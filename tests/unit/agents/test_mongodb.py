"""The mongodb agent with a stand-in; BSON with the examples of its specification."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pacemaker_os.agents.mongodb import bson, wire
from pacemaker_os.agents.mongodb.agent import MongoDB
from pacemaker_os.agents.mongodb.decide import (
    Degraded,
    Failed,
    Fresh,
    Good,
    configuration,
    initiating_node,
    member_state,
)
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.process import Process
from pacemaker_os.ocf.testing import ActionResult, World

#: From bsonspec.org, "Examples".
HELLO = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00"
AWESOME = (
    b"1\x00\x00\x00\x04BSON\x00&\x00\x00\x00\x020\x00\x08\x00\x00\x00awesome\x00"
    b"\x011\x00333333\x14@\x102\x00\xc2\x07\x00\x00\x00\x00"
)


@pytest.mark.parametrize(
    ("document", "data"), [({"hello": "world"}, HELLO), ({"BSON": ["awesome", 5.05, 1986]}, AWESOME)]
)
def test_bson_examples_of_the_specification(document: dict[str, object], data: bytes) -> None:
    assert bson.encode(document) == data
    assert bson.decode(data) == document


def test_bson_of_other_types() -> None:
    document = {"a": True, "b": None, "c": 2**40, "d": {"e": []}, "f": -1}
    assert bson.decode(bson.encode(document)) == document


@pytest.mark.parametrize("data", [b"", b"\x05", HELLO[:-4], b"\x0c\x00\x00\x00\x7fx\x00\x00\x00\x00\x00\x00"])
def test_bson_invalid_bytes_are_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match="invalid BSON"):
        bson.decode(data)


@contextmanager
def stand_in(answer: Mapping[str, object] | bytes | None) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """A server for one command. Yields its port and the received commands."""
    commands: list[dict[str, object]] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                size, _, _, kind = struct.unpack("<iiii", connection.recv(16, socket.MSG_WAITALL))
                assert kind == wire.OP_MSG
                commands.append(bson.decode(connection.recv(size - 16, socket.MSG_WAITALL)[5:]))
                if answer is None:
                    done.wait(20)
                elif isinstance(answer, bytes):
                    connection.sendall(answer)
                else:
                    body = b"\0\0\0\0\0" + bson.encode(answer)
                    connection.sendall(struct.pack("<iiii", 16 + len(body), 7, 1, wire.OP_MSG) + body)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], commands
        finally:
            done.set()
            thread.join()


def test_command_returns_response() -> None:
    with stand_in({"ok": 1.0, "setName": "openstack"}) as (port, commands):
        assert wire.command("127.0.0.1", port, {"hello": 1}, Deadline(20)) == {
            "ok": 1.0,
            "setName": "openstack",
        }
    assert commands == [{"hello": 1, "$db": "admin"}]


def test_command_hung_server_times_out() -> None:
    with stand_in(None) as (port, _), pytest.raises(TimedOut):
        wire.command("127.0.0.1", port, {"hello": 1}, Deadline(0.5))


def test_command_other_server_is_a_failure() -> None:
    with (
        stand_in(b"HTTP/1.0 400 Bad Request\r\n\r\n") as (port, _),
        pytest.raises(Failure, match="is not from MongoDB"),
    ):
        wire.command("127.0.0.1", port, {"hello": 1}, Deadline(20))


@pytest.mark.parametrize(
    ("hello", "expected"),
    [
        ({"ok": 1, "isreplicaset": True}, Fresh),
        ({"ok": 1, "setName": "openstack", "isWritablePrimary": True}, Good),
        ({"ok": 1, "setName": "openstack", "ismaster": True}, Good),
        ({"ok": 1, "setName": "openstack", "secondary": True, "primary": "n1:27017"}, Good),
        ({"ok": 1, "setName": "openstack", "secondary": True}, Degraded),
        ({"ok": 1, "setName": "openstack"}, Degraded),
        ({"ok": 1, "setName": "another", "ismaster": True}, Failed),
    ],
)
def test_judge_response_to_hello(hello: dict[str, object], expected: type) -> None:
    assert type(member_state(hello, "openstack")) is expected


ALL = ["n1", "n2", "n3"]


@pytest.mark.parametrize(
    ("online", "fresh", "node"),
    [
        (ALL, {"n1": True, "n2": True, "n3": True}, "n1"),
        (ALL, {"n2": True, "n3": True}, ""),
        (ALL, {"n1": True, "n2": False, "n3": True}, ""),
        (["n2", "n3"], {"n2": True, "n3": True}, "n2"),
        (["n2"], {"n2": True}, ""),
    ],
)
def test_initiating_node(online: list[str], fresh: dict[str, bool], node: str) -> None:
    assert initiating_node(ALL, online, fresh) == node


def test_configuration_lists_all_members() -> None:
    assert configuration("rs", {"n1": "10.0.0.1:27017", "n2": "10.0.0.2:27017"}) == {
        "_id": "rs",
        "members": [{"_id": 0, "host": "10.0.0.1:27017"}, {"_id": 1, "host": "10.0.0.2:27017"}],
    }


def monitor(world: World, scratch: Path, hello: dict[str, object]) -> tuple[ActionResult, list[str]]:
    """Run a monitor on n1, whose server answers `hello`; return the result and the commands."""
    commands: list[str] = []

    def command(words: dict[str, object]) -> dict[str, object]:
        commands.append(next(iter(words)))
        return hello

    agent: Any = world.agent(
        MongoDB,
        "monitor",
        node="n1",
        meta={"interval": "10000"},
        parameters={"addresses": "n1:10.0.0.1 n2:10.0.0.2 n3:10.0.0.3"},
        environ={"HA_RSCTMP": str(scratch)},
    )
    agent.command = command
    agent.daemon = lambda: SimpleNamespace(find=lambda: Process(1, 1))
    return world.run(agent), commands


def test_replica_set_is_initiated_once(tmp_path: Path) -> None:
    """A report from a start must not allow a node that lost its disk since to initiate the set."""
    world = World(ALL)
    attribute = world.attributes["mongodb-fresh-resource"] = dict.fromkeys(ALL, "yes")
    (tmp_path / "mongodb-resource.told").write_text("True")
    answer, commands = monitor(world, tmp_path, {"ok": 1, "isreplicaset": True})
    assert (answer.code, "replSetInitiate" in commands) == (codes.DEGRADED, True)
    answer, commands = monitor(world, tmp_path, {"ok": 1, "setName": "openstack", "ismaster": True})
    assert (answer.code, commands) == (codes.RUNNING, ["hello"])
    assert attribute["n1"] == "no"
    assert "replSetInitiate" not in monitor(world, tmp_path, {"ok": 1, "isreplicaset": True})[1]
