"""The lines of logs that explain failed operations: those needed from each node, and those found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from lxml import etree

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.health.excerpts import excerpt
from pacemaker_os.status.health.node_facts import NodeFacts

#: Exit statuses that are not failures: ok, not running, promoted, degraded, unknown (pending).
_NOT_FAILURES = {"0", "7", "8", "190", "191", "193"}

#: Maximum number of units and of texts per node.
_UNITS, _TEXTS = 4, 8

#: Classes of resources that are units of systemd. An init script has a unit of the same name.
_SYSTEMD = ("systemd", "service", "lsb")

_OUTPUT = re.compile(r"(\S+)\[(\d+)\] (?:error output|stderr) \[ ?(.*?) ?\]$")


@dataclass(frozen=True, slots=True)
class Query:
    """The units whose journal, and the texts whose lines in the log, are needed from a node."""

    units: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedOperation:
    """A failed operation without an exit reason; `unit` is the unit of systemd, or empty."""

    node: str
    resource: str
    key: str
    unit: str = field(default="")


def failed_operations(cib: etree._Element) -> Iterator[FailedOperation]:
    """Yield the failed operations without an exit reason of an agent in the status of a `<cib>`.

    The exit reasons of units are those of Pacemaker, and not the messages of the service.
    """
    for state in cib.iterfind("status/node_state"):
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            unit = resource.get("type", "") if resource.get("class") in _SYSTEMD else ""
            for operation in resource.iterfind("lrm_rsc_op"):
                failed = operation.get("rc-code", "") not in _NOT_FAILURES or "_last_failure" in str(
                    operation.get("id")
                )
                explained = operation.get("exit-reason") and not unit
                if failed and not explained and resource.get("class") != "stonith":
                    key = operation.get("operation_key", "")
                    yield FailedOperation(state.get("uname", ""), resource.get("id", ""), key, unit)


def queries(cib: etree._Element) -> dict[str, Query]:
    """Return what is needed from each node."""
    units: dict[str, dict[str, None]] = {}
    texts: dict[str, dict[str, None]] = {}
    for each in failed_operations(cib):
        if each.unit:
            units.setdefault(each.node, {})[each.unit] = None
        else:
            texts.setdefault(each.node, {})[f"{each.key}["] = None
    return {
        node: Query(tuple(units.get(node, ()))[:_UNITS], tuple(texts.get(node, ()))[:_TEXTS])
        for node in units.keys() | texts.keys()
    }


def output_of(key: str, facts: NodeFacts) -> tuple[str, ...]:
    """Return the last lines that an agent printed in an operation, by the key of the operation."""
    found: dict[str, list[str]] = {}
    for line in facts.log:
        if (match := _OUTPUT.match(line.text)) and match[1] == key:
            found.setdefault(match[2], []).append(match[3])
    return excerpt(list(found.values())[-1]) if found else ()
