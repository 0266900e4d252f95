"""What apply and rollback have in common: show, gate, ask, carry out, tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pacemaker_os.errors import ClusterError

if TYPE_CHECKING:
    from pacemaker_os.cluster import Cluster
    from pacemaker_os.cluster.apply import Outcome, Way
    from pacemaker_os.cluster.planner import Prepared


def carry_out_and_print(
    cluster: Cluster,
    prepared: Prepared,
    way: Way,
    *,
    yes: bool,
    allowed: Sequence[str] | None,
    as_json: bool,
    color: bool | None,
    undoes: str = "",
) -> int:
    """Carry out a plan as far as a person lets it; return the exit status."""
    from pacemaker_os.cluster.apply import carry_out
    from pacemaker_os.plan.gate import check_allowed
    from pacemaker_os.render.plan import print_plan
    from pacemaker_os.render.progress import open_progress, print_outcome

    plan = prepared.plan
    if not as_json:
        print_plan(plan, color=color)
    if plan.is_empty:
        if as_json:
            click.echo(json.dumps({"plan": plan.to_json(), "outcome": "nothing to do"}, ensure_ascii=False))
        return 0
    if allowed is not None:
        check_allowed(plan, allowed)
    if not yes:
        _ask(as_json)
    progress = None if as_json else open_progress(color=color)
    try:
        outcome = carry_out(
            cluster, prepared, way, progress.tell if progress else lambda news: None, undoes=undoes
        )
    finally:
        if progress:
            progress.close()
    if as_json:
        click.echo(json.dumps({"plan": plan.to_json(), **_outcome(outcome)}, ensure_ascii=False, indent=2))
    else:
        print_outcome(outcome, color=color)
    return 0 if outcome.good else 1


def _ask(as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        message = "nobody is there to be asked: give --yes to apply without asking; nothing was written"
        raise ClusterError(message, code="not-asked")
    click.confirm("\nApply this plan?", abort=True)


def _outcome(outcome: Outcome) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "outcome": "taken back" if outcome.rolled_back else "done" if outcome.good else "failed",
        "version": str(outcome.version),
        "settled": outcome.settled,
        "left": list(outcome.left),
        "verdict": asdict(outcome.verdict),
        "history": outcome.record.id if outcome.record else None,
        "warnings": list(outcome.warnings),
    }
