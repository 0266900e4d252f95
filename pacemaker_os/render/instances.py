"""Print how instances of failed compute nodes are evacuated. The input is the JSON of nova_evacuate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from pacemaker_os.render.terminal import open_console

Response = Mapping[str, Any]
Line = tuple[str, str]

#: The sign and the style of an instance, by its outcome in a plan and by its state in an evacuation.
OUTCOMES = {"evacuated": ("->", ""), "skipped": ("=", "warning"), "no-capacity": ("!", "critical")}
STATES = {
    "evacuated": ("+", "good"),
    "in-progress": ("~", ""),
    "pending": (".", "quiet"),
    "waiting": (".", "quiet"),
    "deleted": ("-", "quiet"),
    "skipped": ("=", "warning"),
    "failed": ("!", "critical"),
    "stuck": ("!", "critical"),
}


def print_plan(response: Response, *, color: bool | None = None) -> None:
    """Print where the instances of a node would be evacuated to."""
    _print(plan_lines(response), color)


def print_status(response: Response, *, color: bool | None = None) -> None:
    """Print the state of all evacuations."""
    _print(status_lines(response), color)


def print_history(response: Iterable[Response], *, color: bool | None = None) -> None:
    """Print the evacuations that Nova recorded."""
    _print(history_lines(response), color)


def watch_status(poll: Callable[[], Response], *, color: bool | None = None) -> None:
    """Print the state of all evacuations on every change, until interrupted."""
    import time

    shown: list[Line] = []
    while True:
        lines = list(status_lines(poll()))
        if lines != shown:
            _print(iter([*lines, ("", "")]), color)
            shown = lines
        time.sleep(2)


def _print(lines: Iterator[Line], color: bool | None) -> None:
    console = open_console(color=color)
    for line, style in lines:
        console.print(line, style=style)


def plan_lines(response: Response) -> Iterator[Line]:
    """Yield each line of an evacuation plan with its style."""
    instances = response["instances"]
    counts = Counter(each["outcome"] for each in instances)
    yield f"If {response['node']} failed now", "title"
    width = max((len(each["name"]) for each in instances), default=0)
    for each in instances:
        sign, style = OUTCOMES[each["outcome"]]
        where = each["target_host"] or each["reason"]
        weight = f"  (priority {each['priority']})" if each["priority"] else ""
        yield f"  {sign:<2} {each['name']:<{width}}  {each['id']}  {where}{weight}".rstrip(), style
    if not instances:
        yield "  no instances on this node", "quiet"
    for note in response["notes"]:
        yield f"Note: {note}", "warning"
    yield (
        f"Instances: {counts['evacuated']} would be evacuated, {counts['skipped']} would not, "
        f"{counts['no-capacity']} have no host with free capacity.",
        "critical" if counts["no-capacity"] else "name",
    )
    if counts["evacuated"]:
        yield (
            "Nova's scheduler selects the host of each instance; the list shows a host with free capacity.",
            "quiet",
        )


def status_lines(response: Response) -> Iterator[Line]:
    """Yield each line of the status with its style."""
    if not response["hosts"] and not response["problems"]:
        yield "No compute node is being evacuated.", "good"
    for host in response["hosts"]:
        yield from host_lines(host)
    for host, why in response["waiting"].items():
        yield f"{host}  not re-enabled yet: {why}", ""
    for each in response["services"]:
        yield from service_lines(each)
    for problem in response["problems"]:
        yield f"Problem: {problem}", "critical"


def host_lines(host: Response) -> Iterator[Line]:
    """Yield the lines of one failed node."""
    counts = Counter(each["state"] for each in host["instances"])
    summary = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    yield f"{host['node']}  fenced, request {host['request']}: {summary or 'no instances'}", "title"
    if host["note"]:
        yield f"  {host['note']}", "warning"
    width = max((len(each["name"]) for each in host["instances"]), default=0)
    for each in host["instances"]:
        sign, style = STATES[each["state"]]
        text = f"  {sign} {each['name']:<{width}}  {each['id']}  {each['state']} {each['reason']}"
        yield text.rstrip(), style


def service_lines(service: Response) -> Iterator[Line]:
    """Yield the line of a compute service that is down or disabled, and is not being evacuated."""
    if service["being_evacuated"] or (service["state"], service["status"]) == ("up", "enabled"):
        return
    why = f": {service['disabled_reason']}" if service["disabled_reason"] else ""
    forced = ", forced down" if service["forced_down"] else ""
    yield f"{service['host']}  {service['state']}, {service['status']}{forced}{why}", "warning"


def history_lines(response: Iterable[Response]) -> Iterator[Line]:
    """Yield each line of a history with its style, grouped by source and day."""
    empty = True
    for (source, day), run in groupby(response, key=lambda each: (each["source"], each["created"][:10])):
        empty = False
        records = list(run)
        counts = Counter(each["status"] for each in records)
        summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        yield f"{day}  from {source}: {summary}", "title"
        for each in records:
            style = "warning" if each["status"] in ("error", "failed", "cancelled") else ""
            to = f"to {each['dest']}" if each["dest"] else "no target host"
            times = f"{each['created'][11:19]} - {each['updated'][11:19]}".rstrip(" -")
            yield f"  {times:<19}  {each['instance']}  {to}  {each['status']}", style
    if empty:
        yield "Nova has no record of an evacuation.", "quiet"
