"""What becomes of instances, for people. The values are the JSON of nova_evacuate.show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from pacemaker_os.render.terminal import open_console

Said = Mapping[str, Any]
Line = tuple[str, str]

#: The sign and the style of what becomes of an instance: in a plan, and while it happens.
OUTCOMES = {"evacuated": ("->", ""), "skipped": ("=", "warning"), "no-capacity": ("!", "danger")}
STATES = {
    "evacuated": ("+", "good"),
    "in-progress": ("~", ""),
    "pending": (".", "quiet"),
    "waiting": (".", "quiet"),
    "deleted": ("-", "quiet"),
    "skipped": ("=", "warning"),
    "failed": ("!", "danger"),
    "stuck": ("!", "danger"),
}


def print_forecast(said: Said, *, color: bool | None = None) -> None:
    """Print what would happen."""
    _print(forecast_lines(said), color)


def print_status(said: Said, *, color: bool | None = None) -> None:
    """Print what happens."""
    _print(status_lines(said), color)


def print_history(said: Iterable[Said], *, color: bool | None = None) -> None:
    """Print what happened."""
    _print(history_lines(said), color)


def watch_status(look: Callable[[], Said], *, color: bool | None = None) -> None:
    """Print what happens whenever it changed, until Ctrl-C."""
    import time

    shown: list[Line] = []
    while True:
        lines = list(status_lines(look()))
        if lines != shown:
            _print(iter([*lines, ("", "")]), color)
            shown = lines
        time.sleep(2)


def _print(lines: Iterator[Line], color: bool | None) -> None:
    console = open_console(color=color)
    for line, style in lines:
        console.print(line, style=style)


def forecast_lines(said: Said) -> Iterator[Line]:
    """Yield each line of a forecast with its style."""
    instances = said["instances"]
    counts = Counter(each["outcome"] for each in instances)
    yield f"If {said['node']} died now", "title"
    width = max((len(each["name"]) for each in instances), default=0)
    for each in instances:
        sign, style = OUTCOMES[each["outcome"]]
        where = each["target_host"] or each["reason"]
        weight = f"  (priority {each['priority']})" if each["priority"] else ""
        yield f"  {sign:<2} {each['name']:<{width}}  {each['id']}  {where}{weight}".rstrip(), style
    if not instances:
        yield "  it has no instances", "quiet"
    for note in said["notes"]:
        yield f"Note: {note}", "warning"
    yield (
        f"Instances: {counts['evacuated']} would run elsewhere, {counts['skipped']} would stay, "
        f"{counts['no-capacity']} would find no place.",
        "danger" if counts["no-capacity"] else "name",
    )
    if counts["evacuated"]:
        yield "Where each goes is decided by Nova's scheduler; shown is a place that has room.", "quiet"


def status_lines(said: Said) -> Iterator[Line]:
    """Yield each line of a status with its style."""
    if not said["hosts"] and not said["problems"]:
        yield "No compute node is being evacuated.", "good"
    for host in said["hosts"]:
        yield from host_lines(host)
    for host, why in said["waiting"].items():
        yield f"{host}  returns: {why}", ""
    for each in said["services"]:
        yield from service_lines(each)
    for problem in said["problems"]:
        yield f"Problem: {problem}", "danger"


def host_lines(host: Said) -> Iterator[Line]:
    """Yield the lines about one dead node."""
    counts = Counter(each["state"] for each in host["instances"])
    words = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    yield f"{host['node']}  fenced, request {host['request']}: {words or 'no instances'}", "title"
    if host["note"]:
        yield f"  {host['note']}", "warning"
    width = max((len(each["name"]) for each in host["instances"]), default=0)
    for each in host["instances"]:
        sign, style = STATES[each["state"]]
        text = f"  {sign} {each['name']:<{width}}  {each['id']}  {each['state']} {each['reason']}"
        yield text.rstrip(), style


def service_lines(service: Said) -> Iterator[Line]:
    """Yield the line about a compute service that is not as it should be, and is not being evacuated."""
    if service["being_evacuated"] or (service["state"], service["status"]) == ("up", "enabled"):
        return
    why = f": {service['disabled_reason']}" if service["disabled_reason"] else ""
    forced = ", forced down" if service["forced_down"] else ""
    yield f"{service['host']}  {service['state']}, {service['status']}{forced}{why}", "warning"


def history_lines(said: Iterable[Said]) -> Iterator[Line]:
    """Yield each line of a history with its style, in runs of one source and day."""
    empty = True
    for (source, day), run in groupby(said, key=lambda each: (each["source"], each["created"][:10])):
        empty = False
        records = list(run)
        counts = Counter(each["status"] for each in records)
        words = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        yield f"{day}  from {source}: {words}", "title"
        for each in records:
            style = "warning" if each["status"] in ("error", "failed", "cancelled") else ""
            to = f"to {each['dest']}" if each["dest"] else "to nowhere"
            times = f"{each['created'][11:19]} - {each['updated'][11:19]}".rstrip(" -")
            yield f"  {times:<19}  {each['instance']}  {to}  {each['status']}", style
    if empty:
        yield "Nova remembers no evacuation.", "quiet"
