"""The result of a survival check, as text and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Self

from pacemaker_os.cluster.planning.survival import SurvivalReport
from pacemaker_os.cluster.target import Target
from pacemaker_os.plan.survival.disruptions import Disruption
from pacemaker_os.plan.survival.node_failures import NodeFailure, summary
from pacemaker_os.render.plan.verification import verification_lines
from pacemaker_os.render.terminal import WIDTH, open_console
from pacemaker_os.text import abbreviate, fold, quantity

#: Number of equivalent failures that are listed before the rest is only counted.
_LISTED = 3


class SurvivalProgress:
    """Shows the progress of a survival check on a terminal; prints nothing otherwise."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")

    def on_progress(self, done: int, total: int) -> None:
        """Show that `done` of `total` failures are simulated."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\rsimulated {done} of {total} failures")
            sys.stderr.flush()


def print_survival(
    report: SurvivalReport, target: Target | None = None, *, color: bool | None = None
) -> None:
    """Print the counterexamples and the result."""
    console = open_console(color=color)
    for line, style in survival_lines(report, console.width, target):
        console.print(line, style=style)


def survival_lines(
    report: SurvivalReport, width: int = WIDTH, target: Target | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each line with its style."""
    if report.verification:
        yield "Pacemaker's verification", "title"
        yield from verification_lines(report.verification, width, target or Target())
    for each in report.not_running:
        why = f": {each.why}" if each.why else ""
        yield f"! {each.service} {each.what} even with all nodes online{why}", "critical"
    for failure, disruptions in report.outcomes:
        if disruptions:
            yield f"! after failure of {_nodes(failure)}", "critical"
            for (what, why), services in _by_reason(disruptions).items():
                yield f"    {', '.join(services)}", ""
                yield f"        {what}: {why}", "quiet"
    for kind in report.equivalent_nodes:
        if kind.others:
            names = fold([*kind.representatives, *kind.others])
            yield f"{names} are equivalent; {len(kind.representatives)} of them were simulated.", "quiet"
    total, failed = summary(dict(report.outcomes))
    nodes = quantity(report.failed_nodes, "node")
    if report.passed:
        yield (
            f"OK: every service survives any failure of {nodes} ({quantity(total, 'case')} simulated).",
            "good",
        )
    elif report.errors:
        errors = quantity(len(report.errors), "error")
        rest = f" {failed} of {total} simulated failures of {nodes} stop a service." if failed else ""
        yield f"FAILED: Pacemaker finds {errors} in the configuration.{rest}", "critical"
    elif failed:
        yield f"FAILED: {failed} of {total} simulated failures of {nodes} stop a service.", "critical"
    else:
        yield "FAILED: not every service runs even with all nodes online.", "critical"


def _by_reason(disruptions: Sequence[Disruption]) -> dict[tuple[str, str], list[str]]:
    """Return the services by disruption and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in disruptions:
        groups.setdefault((each.what, each.why), []).append(each.service)
    return groups


def _nodes(failure: NodeFailure) -> str:
    equivalent = [" ".join(nodes) for nodes in failure.equivalent]
    if len(failure.nodes) == 1:
        equivalent = fold(equivalent).split()
    same = f"  (same result for: {abbreviate(equivalent, _LISTED)})" if equivalent else ""
    return f"{' '.join(failure.nodes)}{same}"


def survival_to_json(report: SurvivalReport) -> str:
    """Return the result as JSON."""
    total, failed = summary(dict(report.outcomes))
    outcomes = [
        {**asdict(failure), "disruptions": [asdict(each) for each in disruptions]}
        for failure, disruptions in report.outcomes
    ]
    data = {
        "passed": report.passed,
        "failed_nodes": report.failed_nodes,
        "cases": total,
        "failed_cases": failed,
        "not_running": list(dict.fromkeys(each.service for each in report.not_running)),
        "not_running_reasons": [asdict(each) for each in report.not_running],
        "equivalent_nodes": [asdict(each) for each in report.equivalent_nodes],
        "outcomes": outcomes,
        "verification": [each.to_json() for each in report.verification],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)
