"""The steps that apply and rollback share: show the plan, check it, ask for confirmation, apply, report."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, PacemakerOsError

if TYPE_CHECKING:
    from pacemaker_os.cluster import Cluster, Target
    from pacemaker_os.cluster.apply.outcome import ApplyEvent, ApplyOptions, EventHandler
    from pacemaker_os.cluster.planning.planner import Prepared
    from pacemaker_os.cluster.store.record import Intent


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent given on the command line.

    `yes` skips the confirmation, `allowed` are the permitted effects (None: all), `losses` permits the loss
    of operator overrides, `invalid` names the objects that may have errors.
    """

    yes: bool
    allowed: Sequence[str] | None
    losses: bool = False
    invalid: Sequence[str] = ()

    @classmethod
    def of(cls, *, yes: bool, allow: Sequence[str] | None, allow_invalid: Sequence[str] = ()) -> Consent:
        """Read the values of --allow and --allow-invalid."""
        from pacemaker_os.plan.gate import OVERRIDE_LOSS

        invalid = tuple(name for value in allow_invalid for name in value.split(",") if name)
        if allow is None:
            return cls(yes, None, invalid=invalid)
        verbs = tuple(name for name in allow if name != OVERRIDE_LOSS)
        # The loss of overrides alone does not limit the effects.
        return cls(yes, None if allow and not verbs else verbs, len(verbs) < len(allow), invalid)


@contextmanager
def apply_session(ctx: click.Context, target: Target, *, as_json: bool) -> Iterator[None]:
    """Handle signals and errors of an apply. With --json, an error is written as the last event.

    A signal before the first write ends the command here.
    """
    from pacemaker_os.signals import Interrupted, interruptible

    try:
        with interruptible():
            yield
    except Interrupted as interruption:
        message = f"interrupted ({interruption.name}). Nothing was written"
        with quiet_output(), quiet_output(2):
            if as_json:
                from pacemaker_os.render.apply.events import EventLines

                EventLines().failed(ClusterError(message, code="interrupted"))
            else:
                click.echo(f"pcs-os: {message}", err=True)
        ctx.exit(interruption.exit_status)
    except PacemakerOsError as error:
        if not as_json:
            raise
        from pacemaker_os.render.apply.events import EventLines

        EventLines().failed(error)
        ctx.exit(error.exit_status)


@contextmanager
def quiet_output(number: int = 1) -> Iterator[None]:
    """Ignore that an output is gone: the terminal is closed, or the reader has ended. Discard later output.

    An apply must finish and be recorded nevertheless.
    """
    try:
        yield
    except (OSError, SystemExit):
        # rich ends the process when the reader has ended.
        discard = os.open(os.devnull, os.O_WRONLY)
        os.dup2(discard, number)
        os.close(discard)


def run_apply(
    cluster: Cluster,
    prepared: Prepared,
    options: ApplyOptions,
    consent: Consent,
    *,
    as_json: bool,
    color: bool | None,
    intent: Intent | None = None,
) -> int:
    """Apply a plan within the limits of the consent; return the exit status."""
    from pacemaker_os.cluster.apply.apply import apply_plan
    from pacemaker_os.plan.gate import check_allowed, check_losses, check_verified
    from pacemaker_os.render.apply.events import EventLines
    from pacemaker_os.render.apply.progress import TerminalOutput

    plan, output = prepared.plan, EventLines() if as_json else TerminalOutput(color=color)
    with quiet_output():
        output.planned(plan)
    if plan.is_empty:
        output.ended(None)
        return 0
    check_verified(plan, consent.invalid)
    if consent.allowed is not None:
        check_allowed(plan, consent.allowed)
    if consent.yes and not consent.losses:
        check_losses(plan)
    if not consent.yes:
        _confirm(as_json)
    events = _Events(cluster.target, output.on_event)
    try:
        outcome = apply_plan(cluster, prepared, options, events, intent=intent)
    finally:
        with quiet_output():
            output.close()
    with quiet_output():
        output.ended(outcome)
    if outcome.interrupted:
        return 128 + signal.Signals[outcome.interrupted]
    return 0 if outcome.succeeded else 1


class _Events:
    """Passes events to the output, and keeps the message up to date that a second signal prints."""

    def __init__(self, target: Target, on_event: EventHandler) -> None:
        self._target, self._on_event = target, on_event

    def __call__(self, event: ApplyEvent) -> None:
        from pacemaker_os.cluster.apply.outcome import Pushed, Recorded, RollingBack
        from pacemaker_os.signals import set_last_words

        history = self._target.command(("pcs-os", "history"))
        if isinstance(event, Recorded):
            set_last_words(f"Apply {event.record} may have been written; to see the result, run: {history}")
        elif isinstance(event, Pushed | RollingBack):
            rollback = self._target.command(("pcs-os", "rollback", event.record))
            begun = "was written" if isinstance(event, Pushed) else "was being rolled back"
            set_last_words(
                f"Apply {event.record} {begun}; to see the result, run: {history}; "
                f"to roll it back, run: {rollback}"
            )
        with quiet_output():
            self._on_event(event)


def _confirm(as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        message = (
            "cannot prompt for confirmation (--json or no terminal); "
            "use --yes to apply without confirmation. Nothing was written"
        )
        raise ClusterError(message, code="no-confirmation")
    click.confirm("\nApply this plan?", abort=True)
