"""Signals as an exception that waits until a write is finished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from pacemaker_os import signals
from pacemaker_os.signals import Interrupted, deferred, interruptible, raise_pending, stop_interrupting


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", signals.SIGNALS)
def test_first_signal_raises_and_handlers_are_restored(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as caught, interruptible():
        send(number)
    assert (caught.value.name, caught.value.exit_status) == (number.name, 128 + number)
    assert signal.getsignal(number) is before


def test_signal_waits_for_the_end_of_a_write(capfd: pytest.CaptureFixture[str]) -> None:
    steps = []
    with pytest.raises(Interrupted), interruptible():
        with deferred():
            with deferred():
                send(signal.SIGTERM)
            steps.append("written")
        steps.append("not reached")
    assert steps == ["written"]
    assert "SIGTERM: finishing a write" in capfd.readouterr().err


def test_signal_can_be_raised_inside_before_the_write() -> None:
    with pytest.raises(Interrupted), interruptible(), deferred():
        send(signal.SIGINT)
        raise_pending()
        pytest.fail("the write was not prevented")


def test_signal_at_the_end_changes_nothing() -> None:
    with interruptible():
        stop_interrupting()
        send(signal.SIGTERM)
    with interruptible():
        pass


def test_repeated_hangup_and_the_signals_of_timeout_count_once() -> None:
    with interruptible():
        stop_interrupting()
        send(signal.SIGTERM)
        send(signal.SIGTERM)
        send(signal.SIGHUP)
        time.sleep(2 * signals.SAME_REQUEST)
        send(signal.SIGHUP)


def test_second_signal_ends_the_process_with_its_last_words() -> None:
    program = f"""
    import os, signal, time
    from pacemaker_os.signals import interruptible, set_last_words, stop_interrupting
    with interruptible():
        set_last_words("To roll back, run: x")
        stop_interrupting()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep({2 * signals.SAME_REQUEST})
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    """
    line = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=50)
    assert done.returncode == -signal.SIGTERM
    assert "ended immediately by a second signal (SIGTERM). To roll back, run: x" in done.stderr


def test_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            send(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
