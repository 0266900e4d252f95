"""A proof of survival for people, and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Self

from pacemaker_os.cluster.planning.survival import SurvivalReport
from pacemaker_os.plan.survival.disruptions import Disruption
from pacemaker_os.plan.survival.node_failures import NodeFailure, summary
from pacemaker_os.render.terminal import counted, open_console
from pacemaker_os.text import abbreviate, fold

#: How many losses that are alike are named before the rest is counted.
_NAMED = 3


class SurvivalProgress:
    """Says on a terminal how far a proof has come; it is silent elsewhere."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")

    def tell(self, done: int, total: int) -> None:
        """Hear that `done` of `total` losses were looked at."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\rlooked at {done} of {total} losses")
            sys.stderr.flush()


def print_proof(proof: SurvivalReport, *, color: bool | None = None) -> None:
    """Print what every loss does, harm first."""
    console = open_console(color=color)
    for line, style in proof_lines(proof):
        console.print(line, style=style)


def proof_lines(proof: SurvivalReport) -> Iterator[tuple[str, str]]:
    """Yield each line with its style."""
    for service in proof.not_running:
        yield f"! {service} does not run even with all nodes there", "danger"
    for loss, found in proof.outcomes:
        if found:
            yield f"! without {_names(loss)}", "danger"
            for (what, why), services in _together(found).items():
                yield f"    {', '.join(services)}", ""
                yield f"        {what}: {why}", "quiet"
    for each in proof.equivalent_nodes:
        if each.others:
            names = fold([*each.representatives, *each.others])
            yield f"{names} are alike: {len(each.representatives)} of them were looked at for all.", "quiet"
    total, bad = summary(dict(proof.outcomes))
    nodes = counted(proof.failed_nodes, "node")
    if proof.passed:
        yield f"Proven: every service survives each of {total} losses of {nodes}.", "good"
    elif bad:
        yield f"Not proven: {bad} of {total} losses of {nodes} take something away.", "danger"
    else:
        yield "Not proven: something does not run to begin with.", "danger"


def _together(found: Sequence[Disruption]) -> dict[tuple[str, str], list[str]]:
    """Services to which the same happens for the same reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for casualty in found:
        groups.setdefault((casualty.what, casualty.why), []).append(casualty.service)
    return groups


def _names(loss: NodeFailure) -> str:
    alike = [" ".join(nodes) for nodes in loss.equivalent]
    if len(loss.nodes) == 1:
        alike = fold(alike).split()
    same = f"  (just so without: {abbreviate(alike, _NAMED)})" if alike else ""
    return f"{' '.join(loss.nodes)}{same}"


def proof_to_json(proof: SurvivalReport) -> str:
    """The proof as JSON text."""
    total, bad = summary(dict(proof.outcomes))
    outcomes = [
        {**asdict(loss), "disruptions": [asdict(casualty) for casualty in found]}
        for loss, found in proof.outcomes
    ]
    data = {
        "passed": proof.passed,
        "failed_nodes": proof.failed_nodes,
        "cases": total,
        "failed_cases": bad,
        "not_running": list(proof.not_running),
        "equivalent_nodes": [asdict(each) for each in proof.equivalent_nodes],
        "outcomes": outcomes,
    }
    return json.dumps(data, ensure_ascii=False, indent=2)
