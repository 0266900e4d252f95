"""What apply and rollback have in common: show, gate, ask, carry out, tell."""

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
    from pacemaker_os.cluster.apply.apply import ApplyOptions
    from pacemaker_os.cluster.planning.planner import Prepared


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person said beforehand: `yes` to whatever it is, and which effects are `allowed` (None: all)."""

    yes: bool
    allowed: Sequence[str] | None

    @classmethod
    def of(cls, *, yes: bool, allow: str | None) -> Consent:
        """Read the words of --allow."""
        return cls(yes, None if allow is None else tuple(filter(None, allow.split(","))))


@contextmanager
def failures_told(ctx: click.Context, *, as_json: bool) -> Iterator[None]:
    """In a stream of events an error is an event as well, the last one."""
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
    way: ApplyOptions,
    consent: Consent,
    *,
    as_json: bool,
    color: bool | None,
    reverts: str = "",
) -> int:
    """Carry out a plan as far as a person lets it; return the exit status."""
    from pacemaker_os.cluster.apply.apply import apply_plan
    from pacemaker_os.plan.gate import check_allowed
    from pacemaker_os.render.apply.events import EventLines
    from pacemaker_os.render.apply.progress import TerminalOutput

    plan, teller = prepared.plan, EventLines() if as_json else TerminalOutput(color=color)
    teller.planned(plan)
    if plan.is_empty:
        teller.ended(None)
        return 0
    if consent.allowed is not None:
        check_allowed(plan, consent.allowed)
    if not consent.yes:
        _ask(as_json)
    try:
        outcome = apply_plan(cluster, prepared, way, teller.tell, reverts=reverts)
    finally:
        teller.close()
    teller.ended(outcome)
    return 0 if outcome.succeeded else 1


def _ask(as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        message = "nobody is there to be asked: give --yes to apply without asking; nothing was written"
        raise ClusterError(message, code="not-asked")
    click.confirm("\nApply this plan?", abort=True)
