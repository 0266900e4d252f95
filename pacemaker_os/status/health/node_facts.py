"""What the nodes of a cluster report about themselves, and what could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.health.excerpts import excerpt, mask, printable

#: The checks of a node, each with the section of facts that it needs.
CHECKS: Mapping[str, str] = {
    "daemons": "daemon:pacemaker-controld",
    "membership": "view",
    "cib-on-disk": "disk",
    "disk-space": "file_systems",
    "pcsd": "units",
    "links": "links",
    "duplicate-addresses": "addresses",
    "log": "log",
}

#: Time within which changes of the CIB reach every node and its disk, in seconds.
_SETTLED = 5.0

#: Difference of clocks that does not matter for that, in seconds.
_SKEW = 2.0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon: `stopped` means that a signal or a debugger stopped it; `since` is its start time.

    It `answers` as far as is known: one that waited for the processor had no chance to answer.
    """

    name: str
    runs: bool
    answers: bool
    stopped: bool = False
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """The cluster as one node sees it.

    `version` is admin_epoch and epoch of its CIB, `changed` the time of its last change as Pacemaker writes
    it, and `settled` means that this was some seconds ago. `dc` is the ID of the DC, and `joined` are the
    nodes that have joined.
    """

    version: tuple[int, int]
    settled: bool
    quorum: bool
    dc: str
    joined: tuple[str, ...]
    changed: str = ""

    def is_newer(self, disk: Disk) -> bool:
        """Return whether the configuration has changed since it was written to disk.

        `cibadmin --bump` raises the epoch without a change and without writing.
        """
        older = disk.version < self.version and _written(disk.changed) < _written(self.changed)
        return self.settled and older


@dataclass(frozen=True, slots=True)
class Disk:
    """The CIB on the disk of a node: its version, its `error`, and files that have a foreign owner."""

    version: tuple[int, int]
    changed: str = ""
    error: str = ""
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """A directory with too little `free` space (in MiB), or on a file system that cannot be written."""

    path: str
    free: int
    needed: int
    read_only: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A network link of corosync to another node, by its name."""

    number: int
    peer: str
    connected: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of Pacemaker's log; `when` is in seconds since the epoch. The text may contain secrets."""

    when: float
    daemon: str
    pid: int
    level: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """Facts about a node; `why` is the error if it could not be reached.

    `missing` are sections that were not available in time, and `starved` daemons had no time to answer.
    `clock` is the difference of its clock to that of this machine, in seconds, with its `uncertainty`.
    `duplicates` are addresses of this node that other
    hardware addresses also answer for, `hardware` its own hardware addresses, and `held` the virtual
    addresses that it has, each with its prefix length and interface. `inactive` are enabled units that are
    not active, with their state. `uptime` is the time since Pacemaker started, in seconds; 0 if unknown.
    """

    node: str
    why: str = ""
    missing: tuple[str, ...] = ()
    starved: tuple[str, ...] = ()
    clock: float = 0.0
    uncertainty: float = 0.0
    uptime: float = 0.0
    daemons: tuple[Daemon, ...] = ()
    view: View | None = None
    disk: Disk | None = None
    space: tuple[Space, ...] = ()
    inactive: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    duplicates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hardware: tuple[str, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    log: tuple[LogLine, ...] = ()
    journals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def silent(self) -> tuple[Daemon, ...]:
        """The daemons that run but do not answer."""
        return tuple(each for each in self.daemons if each.runs and not each.answers)

    @property
    def joined(self) -> bool:
        """Whether the node itself sees that it has joined the cluster; True if that is unknown."""
        return self.view is None or self.node in self.view.joined

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The names of the checks that were not made."""
        missing = {*self.missing, *(CHECKS["daemons"] for _ in self.starved)}
        return tuple(name for name, section in CHECKS.items() if self.why or section in missing)

    def to_json(self) -> dict[str, Any]:
        """Return what was checked, as JSON data."""
        return {
            "node": self.node,
            "checked": [name for name in CHECKS if name not in self.unchecked],
            "not_checked": list(self.unchecked),
            "why": self.why,
        }


def read_node_facts(
    node: str, response: Mapping[str, Any], names: Mapping[str, str], clock: tuple[float, float] = (0.0, 0.0)
) -> NodeFacts:
    """Return the facts in a response of the program `node_facts`; `names` are node names by ID.

    `clock` is the difference of the clocks and its uncertainty, in seconds.
    """
    sections: Mapping[str, Any] = response.get("sections", {})
    daemons = [value for name, value in sections.items() if name.startswith("daemon:")]
    addresses, links = sections.get("addresses", {}), sections.get("links", {})
    return NodeFacts(
        node=node,
        missing=tuple(section for section in CHECKS.values() if section not in sections),
        starved=tuple(each["name"] for each in daemons if each["starved"]),
        clock=clock[0],
        uncertainty=clock[1],
        uptime=_uptime(daemons, response["when"]),
        daemons=tuple(sorted(map(_daemon, daemons), key=lambda daemon: daemon.name)),
        view=_view(sections["view"], response["when"]) if "view" in sections else None,
        disk=_disk(sections["disk"]) if "disk" in sections else None,
        space=tuple(
            Space(each["path"], each["free"], each["needed"], each["read_only"])
            for each in sections.get("file_systems", ())
            if each["low"] or each["read_only"]
        ),
        inactive=tuple(_inactive(sections.get("units", {}))),
        links=tuple(
            Link(each["link"], names.get(str(each["peer"]), f"node {each['peer']}"), each["connected"])
            for each in links.get("links", ())
        ),
        duplicates=tuple((key, tuple(value)) for key, value in addresses.get("answers", {}).items() if value),
        hardware=tuple(addresses.get("own", ())),
        held=tuple(addresses.get("held", {}).items()),
        log=tuple(LogLine(**each) for each in sections.get("log", ())),
        journals={
            name.removeprefix("journal:"): tuple(lines)
            for name, lines in sections.items()
            if name.startswith("journal:")
        },
    )


def _uptime(daemons: Iterable[Mapping[str, Any]], now: float) -> float:
    since = max((each["since"] for each in daemons if each["name"] == "pacemakerd"), default=0.0)
    return max(0.1, now - since) if since else 0.0


def _daemon(value: Mapping[str, Any]) -> Daemon:
    stopped = value["process"] in ("T", "t")
    answers = value["answers"] or (value["starved"] and not stopped)
    return Daemon(value["name"], value["runs"], answers, stopped, value["since"])


def _version(value: Mapping[str, str]) -> tuple[int, int]:
    """Return admin_epoch and epoch; a missing or damaged number counts as 0."""
    first, second = (value.get(name, "") for name in ("admin_epoch", "epoch"))
    return (int(first) if first.isdigit() else 0, int(second) if second.isdigit() else 0)


def _view(value: Mapping[str, Any], now: float) -> View:
    return View(
        version=_version(value),
        settled=_is_settled(value.get("cib-last-written", ""), now),
        quorum=value.get("have-quorum") == "1",
        dc=value.get("dc-uuid", ""),
        changed=value.get("cib-last-written", ""),
        joined=tuple(each.get("uname", "") for each in value.get("nodes", ()) if _has_joined(each)),
    )


def _is_settled(text: str, now: float) -> bool:
    """Return whether the configuration changed some seconds ago, given a local time of the node."""
    written = _written(text)
    if not written:
        return False
    # The zone of the node may differ from the one here, by a multiple of half an hour.
    return (now - written + _SKEW) % 1800 > _SETTLED + _SKEW


def _written(text: str) -> float:
    """Return the time of a CIB in seconds, in an unknown zone; 0 if there is none."""
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").timestamp()
    except ValueError:
        return 0.0


def _has_joined(state: Mapping[str, str]) -> bool:
    """Return whether a node_state has joined. Pacemaker 3.0 and 2.1.6 write times, earlier ones words."""
    return state.get("join") == "member" and state.get("crmd", "offline") not in ("offline", "0", "")


def _disk(value: Mapping[str, Any]) -> Disk:
    return Disk(_version(value), value.get("cib-last-written", ""), value["error"], tuple(value["foreign"]))


def _inactive(units: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[str, str]]:
    """Yield enabled units that are not active, and that are not starting either."""
    for name, properties in units.items():
        state = properties.get("ActiveState", "")
        if properties.get("UnitFileState") == "enabled" and state in ("inactive", "failed", "deactivating"):
            yield name, state


def shown(line: LogLine) -> str:
    """Return the text of a line of a log as it can be shown."""
    return printable(mask(line.text))


def journal(facts: NodeFacts, unit: str) -> tuple[str, ...]:
    """Return the last lines of the journal of a unit, as they can be shown.

    Lines of systemd about the unit are shown only if the service itself printed none.
    """
    lines = facts.journals.get(unit, ())
    return excerpt([line for line in lines if " systemd[1]: " not in line] or lines)
