"""The steps that apply and rollback share: show the plan, check it, ask for confirmation, apply, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pacemaker_os.errors import ClusterError, PacemakerOsError

if TYPE_CHECKING:
    from pacemaker_os.cluster import Cluster
    from pacemaker_os.cluster.apply.outcome import ApplyOptions
    from pacemaker_os.cluster.planning.planner import Prepared


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
def error_events(ctx: click.Context, *, as_json: bool) -> Iterator[None]:
    """With --json, write an error as the last event instead of raising it."""
    try:
        yield
    except PacemakerOsError as error:
        if not as_json:
            raise
        from pacemaker_os.render.apply.events import EventLines

        EventLines().failed(error)
        ctx.exit(error.exit_status)


def run_apply(
    cluster: Cluster,
    prepared: Prepared,
    options: ApplyOptions,
    consent: Consent,
    *,
    as_json: bool,
    color: bool | None,
    reverts: str = "",
) -> int:
    """Apply a plan within the limits of the consent; return the exit status."""
    from pacemaker_os.cluster.apply.apply import apply_plan
    from pacemaker_os.plan.gate import check_allowed, check_losses, check_verified
    from pacemaker_os.render.apply.events import EventLines
    from pacemaker_os.render.apply.progress import TerminalOutput

    plan, output = prepared.plan, EventLines() if as_json else TerminalOutput(color=color)
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
    try:
        outcome = apply_plan(cluster, prepared, options, output.on_event, reverts=reverts)
    finally:
        output.close()
    output.ended(outcome)
    return 0 if outcome.succeeded else 1


def _confirm(as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        message = (
            "cannot prompt for confirmation (--json or no terminal); "
            "use --yes to apply without confirmation. Nothing was written"
        )
        raise ClusterError(message, code="no-confirmation")
    click.confirm("\nApply this plan?", abort=True)
