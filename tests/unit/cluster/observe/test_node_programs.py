"""The programs that gather facts on nodes, run on this machine."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pacemaker_os.cluster.observe.node_program import NODE_FACTS, program_text, run_node_program
from pacemaker_os.cluster.observe.programs import daemons, logs, network, storage
from pacemaker_os.cluster.observe.programs.commands import NoAnswer, output
from pacemaker_os.errors import TransportError
from pacemaker_os.transport.local import LocalTransport

QUERY = {"seconds": 0.5, "addresses": [], "units": [], "texts": []}


@contextmanager
def server(name: str, *, answers: bool) -> Iterator[None]:
    """Listen on the abstract socket of a daemon, as libqb does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(b"\0" + name.encode().ljust(107, b"\0"))
        listener.listen()

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                request = client.recv(64)
                assert struct.unpack("=i4xi4xI4x", request)[:2] == (-1, 24)
                if answers:
                    client.sendall(b"\0" * 24)
                else:
                    client.recv(64)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(5)


@pytest.mark.parametrize("answers", [True, False])
def test_ping_tells_whether_a_daemon_answers(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    name = f"pcs-os-test-{time.monotonic_ns()}"
    monkeypatch.setitem(daemons.SOCKETS, "pacemaker-execd", name)
    monkeypatch.setattr(daemons, "is_overloaded", lambda: False)
    with server(name, answers=answers):
        found = daemons.ping("pacemaker-execd", 0.2)
    assert (found["runs"], found["answers"]) == (True, answers)
    assert found["since"] > 0


def test_ping_of_a_daemon_that_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(daemons.SOCKETS, "pacemaker-execd", "pcs-os-test-absent")
    assert not daemons.ping("pacemaker-execd", 0.2)["runs"]


def test_program_prints_facts_within_its_time() -> None:
    begin = time.monotonic()
    response = run_node_program(LocalTransport(), NODE_FACTS, QUERY, seconds=20)
    assert time.monotonic() - begin < 10
    assert abs(response["when"] - time.time()) < 20
    assert {each["path"] for each in response["sections"]["file_systems"]} <= set(storage.DIRECTORIES)


def test_program_that_takes_longer_is_an_error() -> None:
    with pytest.raises(TransportError, match="does not answer within"):
        run_node_program(LocalTransport(), NODE_FACTS, QUERY, seconds=0.01)


def test_failing_program_is_an_error_with_its_last_line() -> None:
    with pytest.raises(TransportError, match="KeyError"):
        run_node_program(LocalTransport(), NODE_FACTS, {}, seconds=20)


def test_query_cannot_change_the_program() -> None:
    text = program_text(NODE_FACTS, {"texts": ["'))\nraise SystemExit(9)\n#"]})
    compile(text, "program", "exec")
    assert "\nraise SystemExit(9)" not in text


def test_output_of_a_missing_or_slow_program_is_no_answer() -> None:
    for argv in (["pcs-os-no-such-program"], ["sleep", "5"]):
        with pytest.raises(NoAnswer):
            output(argv, 0.1)


LOG = """\
Nov 30 18:52:31.732 c2 pacemaker-based     [1582] (cib_perform_op) \tinfo: + exit-reason=n3 will be fenced
Nov 30 18:52:31.744 c2 pacemaker-schedulerd[1586] (pe_fence_node) \twarning: Cluster node n3 will be fenced: x
Nov 30 18:52:32.744 c2 pacemaker-schedulerd[1586] (pe_fence_node) \twarning: Cluster node n3 will be fenced: x
Nov 30 18:53:53.448 c2 pacemaker-fenced    [1583] (log_action) \twarning: fence_redfish[2035] stderr: [ no ]
Nov 30 18:54:11 c2 pacemaker-controld  [1587] (f) \twarning: Too many failures (10) to fence n3, giving up
Nov 30 18:55:11 c2 pacemaker-execd     [1590] (log_op_output) \tnotice: db_start_0[77] error output [ words ]
Nov 30 18:56:00 c2 pacemaker-execd     [1590] (f) \tinfo: other
not a line: Too many failures (10) to fence n3, giving up
"""


def read_log(monkeypatch: pytest.MonkeyPatch, path: Path, *texts: str) -> list[tuple[str, int, str]]:
    monkeypatch.setattr(logs, "log_path", lambda: str(path))
    found = logs.pacemaker_log(list(texts), 1.0)
    return [(each["daemon"], each["pid"], each["text"]) for each in found]


def test_log_has_lines_about_fencing_and_the_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    assert read_log(monkeypatch, tmp_path / "log", "db_start_0[") == [
        ("pacemaker-schedulerd", 1586, "Cluster node n3 will be fenced: x"),
        ("pacemaker-fenced", 1583, "fence_redfish[2035] stderr: [ no ]"),
        ("pacemaker-controld", 1587, "Too many failures (10) to fence n3, giving up"),
        ("pacemaker-execd", 1590, "db_start_0[77] error output [ words ]"),
    ]


def test_end_of_a_long_log_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    line = "Nov 30 18:56:00 c2 pacemaker-execd     [1590] (f) \tinfo: other\n"
    (tmp_path / "log").write_text(line * 200_000 + LOG)
    begin = time.monotonic()
    assert len(read_log(monkeypatch, tmp_path / "log")) == 3
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("name", ["log-20261130.gz", "log.1", "log.1.gz"])
def test_previous_log_is_read_if_the_current_one_is_short(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "log").write_text("")
    data = LOG.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert len(read_log(monkeypatch, tmp_path / "log")) == 3
    (tmp_path / name).write_bytes(b"damaged")
    assert read_log(monkeypatch, tmp_path / "log") == []


def test_log_time_is_in_the_past() -> None:
    tomorrow_a_week = time.strftime("%b %d %H:%M:%S", time.localtime(time.time() + 7 * 86400))
    assert logs._seconds(tomorrow_a_week) < time.time()
    assert abs(logs._seconds(time.strftime("%b %d %H:%M:%S")) - time.time()) < 2


CFGTOOL = """\
Local node ID 1, transport knet
LINK ID 0 udp
\taddr\t= 172.31.249.11
\tstatus:
\t\tnodeid:          1:\tlocalhost
\t\tnodeid:          2:\tconnected
LINK ID 1 udp
\taddr\t= 10.0.0.1
\tstatus:
\t\tnodeid:          1:\tlocalhost
\t\tnodeid:          2:\tdisconnected
"""


def test_links_are_those_to_other_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "output", lambda argv, seconds: CFGTOOL)
    found = network.links(1.0)
    assert found["id"] == 1
    assert [(each["link"], each["peer"], each["connected"]) for each in found["links"]] == [
        (0, 2, True),
        (1, 2, False),
    ]


def test_nodes_are_those_of_the_node_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "corosync.conf"
    path.write_text(
        "totem {\n cluster_name: c\n}\nnodelist {\n node {\n  name: n1\n }\n node { \n name: n2\n }\n}\n"
    )
    monkeypatch.setattr(network, "_COROSYNC", path)
    assert network.nodes() == ["n1", "n2"]


@pytest.fixture
def cib_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "cib.xml").write_text('<cib admin_epoch="1" epoch="12" num_updates="0"><status/></cib>')
    (tmp_path / "cib.xml.sig").write_text("good\n")
    monkeypatch.setattr(storage, "_DIRECTORY", tmp_path)
    monkeypatch.setattr(storage, "output", lambda argv, seconds: "Digest: good\n")
    return tmp_path


def test_disk_has_the_version_of_the_cib(cib_directory: Path) -> None:
    found = storage.disk(1.0)
    assert (found["admin_epoch"], found["epoch"], found["error"]) == ("1", "12", "")


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("cib.xml", "<cib", "damaged (not XML)"),
        ("cib.xml", "", "damaged (not XML)"),
        ("cib.xml", '<cib epoch="1"/>\ndamaged', "damaged (not XML)"),
        ("cib.xml.sig", "other", "its digest differs"),
        ("cib.xml", None, "does not exist"),
        ("cib.xml.sig", None, "does not exist"),
    ],
)
def test_damaged_cib_on_disk_is_an_error(
    cib_directory: Path, name: str, text: str | None, error: str
) -> None:
    if text is None:
        (cib_directory / name).unlink()
    else:
        (cib_directory / name).write_text(text)
    assert error in storage.disk(1.0)["error"]


def test_view_has_the_version_and_the_members(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '<xpath-query><cib epoch="3" have-quorum="1"/><node_state uname="n1" join="member"/></xpath-query>'
    monkeypatch.setattr(storage, "output", lambda argv, seconds: text)
    assert storage.view(1.0) == {
        "epoch": "3",
        "have-quorum": "1",
        "nodes": [{"uname": "n1", "join": "member"}],
    }
    for broken in ("", "Connection refused", "<xpath-query/>"):
        monkeypatch.setattr(storage, "output", lambda argv, seconds, text=broken: text)
        with pytest.raises(NoAnswer):
            storage.view(1.0)
