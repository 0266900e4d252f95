"""SIGINT, SIGTERM and SIGHUP as an exception that waits until a write is finished."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

#: The signals that ask a command to end.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Time in which a repeated signal counts as the same request, in seconds: `timeout` signals a process and
#: then its group.
SAME_REQUEST = 0.25


class Interrupted(BaseException):
    """A signal asked the command to end. It is not an Exception, so that no handler of errors swallows it."""

    def __init__(self, signum: int) -> None:
        self.signum, self.name = signum, signal.Signals(signum).name
        super().__init__(self.name)

    @property
    def exit_status(self) -> int:
        """The exit status, as in a shell."""
        return 128 + self.signum


@dataclass
class _State:
    installed: bool = False
    depth: int = 0
    first: float | None = None
    pending: int | None = None
    last_words: str = ""


_state = _State()


def set_last_words(text: str) -> None:
    """Set the message that the process prints if a second signal ends it."""
    _state.last_words = text


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise Interrupted for the first signal, and end the process immediately for a second one.

    SIGHUP never counts as the second signal, because the kernel and the shell each send one when a terminal
    closes. A signal that is ignored, as with nohup, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    _state.depth, _state.first, _state.pending, _state.last_words = 0, None, None, ""
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    _state.installed = True
    try:
        yield
    finally:
        _state.installed = False
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Let a signal wait until the end of the block, for a write that must not stop half-way."""
    _state.depth += 1
    try:
        yield
    finally:
        _state.depth -= 1
    if _state.depth == 0:
        raise_pending()


def stop_interrupting() -> None:
    """Let every later first signal wait until `interruptible` ends, because the command is about to end."""
    _state.depth += 1


def raise_pending() -> None:
    """Raise Interrupted if a signal is waiting."""
    if _state.pending is not None:
        number, _state.pending = _state.pending, None
        raise Interrupted(number)


def _on_signal(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    if _state.first is None:
        _state.first, _state.pending = now, number
        if _state.depth == 0:
            raise_pending()
        _print(f"{signal.Signals(number).name}: finishing a write; a second signal does not wait for it")
    elif number != signal.SIGHUP and now - _state.first > SAME_REQUEST:
        _end(number)


def _end(number: int) -> None:
    """End the process by the signal, as if it had no handler."""
    name = signal.Signals(number).name
    _print(f"ended immediately by a second signal ({name}). {_state.last_words}".rstrip())
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _print(text: str) -> None:
    """Print a message. The terminal may be closed."""
    with contextlib.suppress(OSError):
        os.write(2, f"\npcs-os: {text}\n".encode())
