"""Timeouts of deadlines, connections and HTTP requests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.log import one_line
from pacemaker_os.ocf.network import http
from pacemaker_os.ocf.network.stream import Refused, Stream
from pacemaker_os.ocf.testing import World


def deadline(seconds: float) -> tuple[World, Deadline]:
    world = World()
    return world, Deadline(seconds, clock=world.clock, sleep=world.sleep)


@pytest.mark.parametrize(("timeout", "usable"), [(120.0, 117.0), (20.0, 18.0), (1.0, 0.9)])
def test_deadline_keeps_a_reserve(timeout: float, usable: float) -> None:
    assert deadline(timeout)[1].left == pytest.approx(usable)


def test_wait_timeout_names_the_condition() -> None:
    world, limit = deadline(20)
    with pytest.raises(TimedOut, match="timed out after 18 s waiting for the moon"):
        limit.wait("the moon", lambda: False)
    assert world.now == pytest.approx(18)


def test_wait_returns_when_condition_is_true() -> None:
    world, limit = deadline(20)
    limit.wait("noon", lambda: world.now > 5)
    assert world.now == pytest.approx(5, abs=0.2)


def test_deadline_parts_end_before_the_whole() -> None:
    world, limit = deadline(20)
    assert limit.part(0.5).left == pytest.approx(9)
    assert limit.within(100).left == pytest.approx(18)
    assert limit.within(3).left == pytest.approx(3)
    world.sleep(30)
    assert limit.left == limit.part(0.5).left == limit.within(3).left == 0


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """A server that reads a request and sends `answer`, or nothing if it is None. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                if answer is None:
                    done.wait(20)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def test_get_returns_status_and_body() -> None:
    with server(b"HTTP/1.0 503 Bad\r\nX: y\r\n\r\nno leader") as port:
        answer = http.get(f"http://127.0.0.1:{port}/health", Deadline(20))
    assert (answer.status, answer.body) == (503, "no leader")


def test_get_without_response_times_out() -> None:
    with server(None) as port, pytest.raises(TimedOut, match=f"127.0.0.1:{port} did not respond in time"):
        http.get(f"http://127.0.0.1:{port}/", Deadline(0.5))


def test_get_response_that_is_not_http_is_a_failure() -> None:
    with server(b"SSH-2.0-x\r\n") as port, pytest.raises(Failure, match="the response is not HTTP"):
        http.get(f"http://127.0.0.1:{port}/", Deadline(20))


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://a", ("http", "a", 80, "/")),
        ("https://a:1/b?c", ("https", "a", 1, "/b?c")),
        ("http://[::1]:9/x", ("http", "::1", 9, "/x")),
        ("http://[::1]/", ("http", "::1", 80, "/")),
    ],
)
def test_split_valid_url(url: str, parts: tuple[str, str, int, str]) -> None:
    assert http.split(url) == parts


@pytest.mark.parametrize(
    "url", ["", "a", "ftp://a", "http://", "http://u:p@a/", "http://a:b/", "http://a b/"]
)
def test_split_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="is not a valid http or https URL"):
        http.split(url)


@pytest.mark.parametrize("host", ["/../../etc/shadow", "; rm -rf /", "no-such-host.invalid"])
def test_stream_invalid_host_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        Stream(host, 1, Deadline(10))


def test_stream_missing_socket_is_refused() -> None:
    with pytest.raises(Refused):
        Stream("/no/such/socket", 0, Deadline(10))


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a b"), ("\x1b[31mred\x07", "[31mred"), ("x" * 600, "x" * 497 + "..."), ("  a  ", "a")],
)
def test_one_line_removes_control_characters(text: str, line: str) -> None:
    assert one_line(text) == line
