"""The contract of transports, as tests. Subclasses define the fixtures `transport` and `directory`."""

from __future__ import annotations

import time

import pytest

from pacemaker_os.errors import CommandFailed, CommandTimeout, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport


class TransportContract:
    """The contract in transport/base.py. `directory` is a writable directory on the remote machine."""

    @pytest.fixture
    def owner(self, transport: Transport) -> str:
        return transport.run(["sh", "-c", "echo $(id -un):$(id -gn)"]).text.strip()

    def test_run_returns_output_status_and_time(self, transport: Transport) -> None:
        result = transport.run(["sh", "-c", "echo out; echo err >&2; exit 3"], ok=(3,))
        assert (result.text, result.error_text, result.status) == ("out\n", "err\n", 3)
        assert 0 < result.seconds < 30

    def test_run_passes_arguments_unchanged(self, transport: Transport) -> None:
        arguments = ["a b", "$HOME", "*", "it's", '"', "\\", "", ";false", "-n", "ü\n"]
        assert transport.run(["printf", "%s\\0", *arguments]).text.split("\0")[:-1] == arguments

    def test_run_passes_complete_input(self, transport: Transport) -> None:
        data = bytes(range(256)) * 4096
        assert transport.run(["cat"], input=data).stdout == data

    def test_run_without_input_passes_empty_input(self, transport: Transport) -> None:
        assert transport.run(["cat"], timeout=20).stdout == b""

    def test_run_ignores_unread_input(self, transport: Transport) -> None:
        assert transport.run(["true"], input=b"x" * 1_000_000).status == 0

    def test_run_passes_special_characters_in_environment(self, transport: Transport) -> None:
        env = {"ONE": "a\\nb 'c' $d\n\n", "TWO": Secret("s3cret")}
        assert transport.run(["printenv", "ONE"], env=env).stdout == b"a\\nb 'c' $d\n\n\n"
        assert transport.run(["sh", "-c", 'cat; echo "$TWO"'], env=env, input=b"in ").text == "in s3cret\n"

    def test_run_keeps_secrets_off_command_lines(self, transport: Transport) -> None:
        script = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
        result = transport.run(
            ["sh", "-c", script], env={"KEY": Secret("hush-hush-1")}, input=Secret("hush-hush-2"), ok=()
        )
        assert "sh -c cat /proc" in result.text
        assert "hush-hush" not in result.text

    def test_run_rejects_secret_argument(self, transport: Transport) -> None:
        with pytest.raises(TypeError, match="input or environment"):
            transport.run(["echo", Secret("s3cret")])  # type: ignore[list-item]

    def test_run_failure_contains_error_output(self, transport: Transport) -> None:
        with pytest.raises(CommandFailed, match="no good") as caught:
            transport.run(["sh", "-c", "echo no good >&2; exit 7"])
        assert caught.value.status == 7

    def test_run_reports_signal_like_a_shell(self, transport: Transport) -> None:
        assert transport.run(["sh", "-c", "kill -TERM $$"], ok=()).status == 143

    def test_run_with_empty_ok_accepts_all_statuses(self, transport: Transport) -> None:
        assert transport.run(["sh", "-c", "exit 9"], ok=()).status == 9

    def test_run_missing_program_fails(self, transport: Transport) -> None:
        with pytest.raises(TransportError, match="program 'no-such-program' not found") as caught:
            transport.run(["no-such-program"])
        assert caught.value.code == "no-program"

    def test_run_timeout_ends_all_children(self, transport: Transport) -> None:
        begin = time.monotonic()
        with pytest.raises(CommandTimeout):
            transport.run(["sh", "-c", "sleep 86311 & setsid sleep 86311 & sleep 86311"], timeout=0.5)
        assert time.monotonic() - begin < 20
        assert not self._alive(transport, "86311")

    def test_run_timeout_ends_process_that_ignores_sigterm(self, transport: Transport) -> None:
        with pytest.raises(CommandTimeout):
            transport.run(["sh", "-c", "trap '' TERM; while :; do sleep 86312; done"], timeout=0.5)
        assert not self._alive(transport, "86312")

    def test_run_output_limit_ends_the_command(self, transport: Transport) -> None:
        with pytest.raises(TransportError, match="more than 1000 bytes") as caught:
            transport.run(["sh", "-c", "yes; exec sleep 86313"], limit=1000, timeout=30)
        assert caught.value.code == "too-much-output"
        assert not self._alive(transport, "86313")

    def test_put_and_get(self, transport: Transport, directory: str, owner: str) -> None:
        path, data = f"{directory}/a file", bytes(range(256))
        transport.put(data, path, mode=0o640, owner=owner)
        assert transport.get(path) == data
        assert self._stat(transport, path) == f"640 {owner}"
        transport.put(Secret("new"), path, mode=0o600, owner=owner)
        assert transport.get(path) == b"new"
        assert self._stat(transport, path) == f"600 {owner}"

    def test_put_failure_leaves_no_file(self, transport: Transport, directory: str, owner: str) -> None:
        path = f"{directory}/kept"
        transport.put(b"old", path, owner=owner)
        with pytest.raises(CommandFailed):
            transport.put(b"new", path, owner="no-such-user:no-such-group")
        with pytest.raises(CommandFailed):
            transport.put(b"new", f"{directory}/no/such/directory", owner=owner)
        assert transport.get(path) == b"old"
        assert transport.run(["ls", "-A", directory]).text.split() == ["kept"]

    def test_get_missing_file_fails(self, transport: Transport, directory: str) -> None:
        with pytest.raises(TransportError, match="No such file"):
            transport.get(f"{directory}/nothing")

    def test_close_allows_further_use(self, transport: Transport) -> None:
        transport.close()
        assert transport.run(["echo", "again"]).text == "again\n"

    @staticmethod
    def _alive(transport: Transport, argument: str) -> bool:
        """Return whether a `sleep` process with this argument exists."""
        return transport.run(["pgrep", "-f", f"^sleep {argument}"], ok=(0, 1)).status == 0

    @staticmethod
    def _stat(transport: Transport, path: str) -> str:
        return transport.run(["stat", "-c", "%a %U:%G", path]).text.strip()
