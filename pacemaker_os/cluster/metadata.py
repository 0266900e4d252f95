"""Metadata of installed agents: their parameters and actions.

Source: the OCF resource agent API 1.1, section "Metadata"; fencing agents use the same format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport

#: Maximum number of agents that are queried at the same time; each needs one or two processes.
WORKERS = 4

#: Timeout for the metadata of one agent, in seconds.
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an agent. `type` is the type in its metadata, such as string, integer or select.

    `choices` are the values of a select. `replaced_by` names the parameter that replaces one that
    is deprecated. No two resources should have the same values of all parameters of a `unique_group`
    (empty: it is in none; OCF 1.0's `unique` puts a parameter into a group of its own).
    """

    name: str
    required: bool
    type: str
    default: str | None
    choices: tuple[str, ...] = ()
    deprecated: bool = False
    replaced_by: str = ""
    summary: str = ""
    unique_group: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of an agent, with its recommended timeout and interval as in the metadata (`20s`)."""

    name: str
    timeout: str | None = None
    interval: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The metadata of an agent; `name` is its name in documents (`ocf:heartbeat:IPaddr2`)."""

    name: str
    version: str
    summary: str
    parameters: tuple[Parameter, ...]
    actions: tuple[Action, ...]

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name, or None."""
        return next((each for each in self.parameters if each.name == name), None)


@dataclass(slots=True)
class Metadata:
    """Reads the metadata of agents through a transport, and caches it."""

    transport: Transport
    _known: dict[str, Agent | None] = field(default_factory=dict)

    def read(self, names: Iterable[str]) -> dict[str, Agent | None]:
        """Return metadata by agent name, with None for an agent without readable metadata.

        Raises TransportError when the node is unreachable.
        """
        requested = list(dict.fromkeys(names))
        missing = [name for name in requested if name not in self._known]
        self._known.update(zip(missing, run_parallel(self._query, missing, workers=WORKERS), strict=True))
        return {name: self._known[name] for name in requested}

    def _query(self, name: str) -> Agent | None:
        done = self.transport.run(["crm_resource", "--show-metadata", name], timeout=TIMEOUT, ok=())
        return None if done.status else parse(name, done.stdout)


def parse(name: str, data: bytes) -> Agent | None:
    """Parse the metadata of an agent; return None for any other text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None or root.tag != "resource-agent":
        return None
    return Agent(
        name=name,
        version=root.get("version") or root.findtext("version") or "",
        summary=_text(root, "shortdesc") or root.get("shortdesc", ""),
        parameters=tuple(_parameters(root)),
        actions=tuple(_actions(root)),
    )


def _parameters(root: etree._Element) -> Iterator[Parameter]:
    for element in root.iterfind("parameters/parameter"):
        content, deprecated = element.find("content"), element.find("deprecated")
        replaced = None if deprecated is None else deprecated.find("replaced-with")
        values = () if content is None else content.iterfind("option")
        yield Parameter(
            name=element.get("name", ""),
            required=element.get("required") in ("1", "true", "yes"),
            type="string" if content is None else content.get("type", "string"),
            default=None if content is None else content.get("default"),
            choices=tuple(str(option.get("value", "")) for option in values),
            # Fencing agents use an attribute, and name the former parameter in `obsoletes`.
            deprecated=deprecated is not None or element.get("deprecated") in ("1", "true"),
            replaced_by="" if replaced is None else replaced.get("name", ""),
            summary=_text(element, "shortdesc"),
            unique_group=_unique_group(element),
            description=_text(element, "longdesc"),
        )


def _unique_group(parameter: etree._Element) -> str:
    alone = parameter.get("name", "") if parameter.get("unique") in ("1", "true", "yes") else ""
    return parameter.get("unique-group") or alone


def _actions(root: etree._Element) -> Iterator[Action]:
    for element in root.iterfind("actions/action"):
        yield Action(
            element.get("name", ""), element.get("timeout"), element.get("interval"), element.get("role")
        )


def _text(element: etree._Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
