"""What every transport promises, as tests: a subclass gives the fixture `transport`."""

from __future__ import annotations

import time

import pytest

from pacemaker_os.errors import CommandFailed, CommandTimeout, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport


class TransportContract:
    """The promises of transport/base.py. `folder` is a directory there that may be written to."""

    @pytest.fixture
    def owner(self, transport: Transport) -> str:
        return transport.run(["sh", "-c", "echo $(id -un):$(id -gn)"]).text.strip()

    def test_gives_back_output_status_and_time(self, transport: Transport) -> None:
        result = transport.run(["sh", "-c", "echo out; echo err >&2; exit 3"], ok=(3,))
        assert (result.text, result.error_text, result.status) == ("out\n", "err\n", 3)
        assert 0 < result.seconds < 30

    def test_arguments_arrive_as_they_are(self, transport: Transport) -> None:
        words = ["a b", "$HOME", "*", "it's", '"', "\\", "", ";false", "-n", "ü\n"]
        assert transport.run(["printf", "%s\\0", *words]).text.split("\0")[:-1] == words

    def test_input_arrives_whole(self, transport: Transport) -> None:
        data = bytes(range(256)) * 4096
        assert transport.run(["cat"], input=data).stdout == data

    def test_no_input_is_an_empty_one(self, transport: Transport) -> None:
        assert transport.run(["cat"], timeout=20).stdout == b""

    def test_input_that_nobody_reads_is_no_failure(self, transport: Transport) -> None:
        assert transport.run(["true"], input=b"x" * 1_000_000).status == 0

    def test_environment_arrives_with_its_odd_characters(self, transport: Transport) -> None:
        env = {"ONE": "a\\nb 'c' $d\n\n", "TWO": Secret("s3cret")}
        assert transport.run(["printenv", "ONE"], env=env).stdout == b"a\\nb 'c' $d\n\n\n"
        assert transport.run(["sh", "-c", 'cat; echo "$TWO"'], env=env, input=b"in ").text == "in s3cret\n"

    def test_a_secret_is_in_no_command_line(self, transport: Transport) -> None:
        look = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
        seen = transport.run(
            ["sh", "-c", look], env={"KEY": Secret("hush-hush-1")}, input=Secret("hush-hush-2"), ok=()
        )
        assert "sh -c cat /proc" in seen.text
        assert "hush-hush" not in seen.text

    def test_a_secret_among_the_arguments_is_refused(self, transport: Transport) -> None:
        with pytest.raises(TypeError, match="input or environment"):
            transport.run(["echo", Secret("s3cret")])  # type: ignore[list-item]

    def test_another_status_is_a_failure_with_what_was_said(self, transport: Transport) -> None:
        with pytest.raises(CommandFailed, match="no good") as caught:
            transport.run(["sh", "-c", "echo no good >&2; exit 7"])
        assert caught.value.status == 7

    def test_a_signal_is_told_as_a_shell_tells_it(self, transport: Transport) -> None:
        assert transport.run(["sh", "-c", "kill -TERM $$"], ok=()).status == 143

    def test_no_accepted_status_accepts_all(self, transport: Transport) -> None:
        assert transport.run(["sh", "-c", "exit 9"], ok=()).status == 9

    def test_a_program_that_is_not_there(self, transport: Transport) -> None:
        with pytest.raises(TransportError, match="no program 'no-such-program'") as caught:
            transport.run(["no-such-program"])
        assert caught.value.code == "no-program"

    def test_time_that_is_over_ends_the_whole_tree(self, transport: Transport) -> None:
        begin = time.monotonic()
        with pytest.raises(CommandTimeout):
            transport.run(["sh", "-c", "sleep 86311 & setsid sleep 86311 & sleep 86311"], timeout=0.5)
        assert time.monotonic() - begin < 20
        assert not self._alive(transport, "86311")

    def test_a_process_that_ignores_the_polite_signal_is_ended(self, transport: Transport) -> None:
        with pytest.raises(CommandTimeout):
            transport.run(["sh", "-c", "trap '' TERM; while :; do sleep 86312; done"], timeout=0.5)
        assert not self._alive(transport, "86312")

    def test_too_much_output_ends_the_command(self, transport: Transport) -> None:
        with pytest.raises(TransportError, match="more than 1000 bytes") as caught:
            transport.run(["sh", "-c", "yes; exec sleep 86313"], limit=1000, timeout=30)
        assert caught.value.code == "too-much-output"
        assert not self._alive(transport, "86313")

    def test_put_and_get(self, transport: Transport, folder: str, owner: str) -> None:
        path, data = f"{folder}/a file", bytes(range(256))
        transport.put(data, path, mode=0o640, owner=owner)
        assert transport.get(path) == data
        assert self._stat(transport, path) == f"640 {owner}"
        transport.put(Secret("new"), path, mode=0o600, owner=owner)
        assert transport.get(path) == b"new"
        assert self._stat(transport, path) == f"600 {owner}"

    def test_a_put_that_fails_leaves_nothing(self, transport: Transport, folder: str, owner: str) -> None:
        path = f"{folder}/kept"
        transport.put(b"old", path, owner=owner)
        with pytest.raises(CommandFailed):
            transport.put(b"new", path, owner="no-such-user:no-such-group")
        with pytest.raises(CommandFailed):
            transport.put(b"new", f"{folder}/no/such/folder", owner=owner)
        assert transport.get(path) == b"old"
        assert transport.run(["ls", "-A", folder]).text.split() == ["kept"]

    def test_get_of_what_is_not_there(self, transport: Transport, folder: str) -> None:
        with pytest.raises(TransportError, match="No such file"):
            transport.get(f"{folder}/nothing")

    def test_a_closed_transport_can_be_used_again(self, transport: Transport) -> None:
        transport.close()
        assert transport.run(["echo", "again"]).text == "again\n"

    @staticmethod
    def _alive(transport: Transport, word: str) -> bool:
        """Whether a `sleep` with this word is left."""
        return transport.run(["pgrep", "-f", f"^sleep {word}"], ok=(0, 1)).status == 0

    @staticmethod
    def _stat(transport: Transport, path: str) -> str:
        return transport.run(["stat", "-c", "%a %U:%G", path]).text.strip()
