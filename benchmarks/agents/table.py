"""The results as a table: python3 -m benchmarks.agents.table.

Medians, with the worst where there are several, and the load at which they were measured.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

from benchmarks.agents.measure import RESULTS

#: For each measurement, the keys of its figures in the results, and their labels.
FIGURES = {
    "create": {"seconds": "create to all up, s"},
    "monitor": {"wall": "monitor, wall ms", "cpu": "monitor, CPU ms"},
    "power-loss": {"seconds": "full power loss under writes to all up, s"},
    "node-killed": {
        "outage": "node killed: no write acknowledged, s",
        "seconds": "node killed: to all up, s",
    },
    "slow-names": {
        "outage": "node killed, its name 20 s slow: no write acknowledged, s",
        "survivors": "the same: daemons of the 2 other nodes that ran through it",
        "seconds": "the same: to all up, s",
    },
    "daemons-killed": {"seconds": "daemon killed on all nodes: to all up, s"},
}


def rows(service: str, runs: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the rows of a service."""
    groups: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        groups[run["release"], run["measure"]][run["agent"]].append(run)
    for (release, measure), agents in groups.items():
        for figure, what in FIGURES[measure].items():
            cells = [format_figure(agents[agent], figure) for agent in ("shell", "ours")]
            yield f"| {release} | {service} | {what} | {' | '.join(cells)} |"
        if any("wrong" in run for found in agents.values() for run in found):
            cells = [count_without_loss(agents[agent]) for agent in ("shell", "ours")]
            yield f"| {release} | {service} | {measure}: nothing acknowledged lost | {' | '.join(cells)} |"


def format_figure(runs: list[dict[str, Any]], figure: str) -> str:
    """Return the median of the runs, the worst of several, and the load of the machine."""
    if not runs:
        return "not measured"
    values, loads = [run[figure] for run in runs], [run["load"] for run in runs]
    worst = f"worst {max(values):g} of {len(values)}, " if values[1:] else ""
    load = f"{min(loads):.0f}" + (f" to {max(loads):.0f}" if round(max(loads)) != round(min(loads)) else "")
    return f"{median(values):g} ({worst}load {load})"


def count_without_loss(runs: list[dict[str, Any]]) -> str:
    """Return the number of runs without lost writes."""
    return f"{sum(not run['wrong'] for run in runs)} of {len(runs)}" if runs else "not measured"


def campaign(name: str, faults: list[dict[str, Any]]) -> str:
    """Return the row of a campaign."""
    lost = "; ".join(wrong for fault in faults for wrong in fault["wrong"]) or "nothing"
    slowest = max(fault["recovered"] for fault in faults)
    return f"| {name} | {len(faults)} | {faults[-1]['acknowledged']} | {lost} | {slowest} |"


def main() -> None:
    """Print the table."""
    print("| Debian | service | what | shell agent | ours |\n|---|---|---|---|---|")
    for path in sorted(RESULTS.glob("*.jsonl")):
        for row in rows(path.stem, map(json.loads, path.read_text().splitlines())):
            print(row)
    print("\n| campaign | faults | acknowledged writes | lost | slowest recovery, s |\n|---|---|---|---|---|")
    for path in sorted(RESULTS.glob("campaign-*.json")):
        print(campaign(path.stem.removeprefix("campaign-"), json.loads(path.read_text())["faults"]))


if __name__ == "__main__":
    main()
