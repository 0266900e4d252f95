"""Pacemaker's own opinion of a configuration: what it calls an error or a warning, and about which object."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.tree.document_names import document_names
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.messages import Message

#: Name of the object of a message that names no object.
CONFIGURATION = "configuration"

#: Tags of the elements that people know by their ids.
_OBJECTS = frozenset(
    (
        *("primitive", "template", "group", "clone", "master", "bundle"),
        *("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket"),
        *("node", "tag", "alert", "fencing-level", "acl_target", "acl_group", "acl_role"),
    )
)

#: Tags of the elements that messages do not call by their ids: references have the id of another object.
_NOT_IDENTIFIED = frozenset(("node", "obj_ref", "resource_ref", "role"))

#: Messages that Pacemaker also logs for the default of a property: reported only if it is configured.
_PROPERTIES = {"Blind faith: not fencing unseen nodes": "startup-fencing"}

_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
#: Length of a word that identifies an object even as part of a value, such as the time in a date.
_DISTINCT = 8

#: A value, which is not the name of an object.
_VALUE = re.compile(
    r"(?:parsing|integer from|instead of) '([^']+)'|Unknown role: (\S+)|Support for the (\w+) role"
)

#: Messages that name no object, with the paths of the elements that they are about.
_PATHS = {"attribute expressions in op or op_defaults": ("op_defaults//expression", ".//op//expression")}

_WORD = re.compile(r"[^\s'\"<>(),;=]+")

#: Words before the name of an object.
_BEFORE_A_NAME = re.compile(
    r"\b(?:resource|constraint|clone|group|bundle|template|tag|node|ordering|ticket|set|for|of|between|and"
    r"|operation|option|id|with|from|to|control|inside)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An error or a warning of Pacemaker, in its own words.

    `level` is `error` or `warning`. `object` is the name of the object in documents, or `configuration` if
    the message names none. `origin` is its position in the document; empty if no document declares it. `new`
    is False for a message that Pacemaker also has about the configuration before the change.
    """

    level: str
    text: str
    object: str = CONFIGURATION
    origin: str = ""
    new: bool = True

    @property
    def position(self) -> tuple[str, int, int] | None:
        """The file, line and column of `origin`."""
        match = re.fullmatch(r"(.+?)(?::(\d+))?(?::(\d+))?", self.origin)
        return (match[1], int(match[2] or 0), int(match[3] or 0)) if match else None

    @property
    def refuses(self) -> bool:
        """Whether the message refuses an apply, unless the user allows it for the object."""
        return self.new and self.level == "error"

    def to_json(self) -> dict[str, Any]:
        """Return the message as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verification:
        """Read the output of `to_json`. Raises KeyError, TypeError, AttributeError for something else."""
        texts = {name: str(data[name]) for name in ("level", "text", "object", "origin")}
        return cls(**texts, new=bool(data["new"]))


def verification(
    after: Collection[Message],
    before: Iterable[Message],
    configuration: etree._Element,
    origins: Mapping[str, str],
) -> tuple[Verification, ...]:
    """Return the messages about a <configuration>: new ones first, errors before warnings.

    `before` are the messages about the configuration before the change. `origins` are positions by id.
    """
    if not after:
        return ()
    known = {message.key for message in before}
    finder = _Finder(configuration)
    found = []
    for message in after:
        if not finder.is_configured(message.text):
            continue
        element = finder.find(message.text)
        name, ids = finder.names_of(element)
        found.append(
            Verification(
                level=message.level,
                text=message.text,
                object=name,
                origin=next((origins[each] for each in ids if each in origins), ""),
                new=message.key not in known,
            )
        )
    return tuple(sorted(found, key=lambda each: (not each.new, each.level)))


def with_origins(found: Iterable[Verification], earlier: Iterable[Verification]) -> tuple[Verification, ...]:
    """Return the messages with the positions of equal earlier messages."""
    origins = {(each.text, each.object): each.origin for each in earlier}
    return tuple(
        replace(each, origin=each.origin or origins.get((each.text, each.object), "")) for each in found
    )


def element_origins(cib: Cib) -> dict[str, str]:
    """Return the positions in a document of everything that has an id, by id; of properties by name."""
    found: dict[str, str] = {}
    for element in cib.with_ids().objects():
        for name, origin in _origins(element, str(element.origin or "")):
            found.setdefault(name, origin)
    return found


def _origins(element: Element, parent: str) -> Iterator[tuple[str, str]]:
    origin = str(element.origin) if element.origin is not None else parent
    for attribute in ("id", "uname"):
        if origin and (name := getattr(element, attribute, None)):
            yield str(name), origin
    for spec in layout(type(element)).children:
        value = getattr(element, spec.field)
        for child in value if spec.many else (value,):
            if child is not None:
                yield from _origins(child, origin)


def _has(element: etree._Element, word: str) -> bool:
    """Return whether an element has an attribute of this name or value; a long word may be part of it."""
    if word in element.attrib:
        return True
    values = [str(value) for value in element.attrib.values()]
    return word in values or (len(word) >= _DISTINCT and any(word in value for value in values))


class _Finder:
    """Finds the element that a message is about."""

    def __init__(self, configuration: etree._Element) -> None:
        # A number in a message is not the id of a node: Pacemaker calls nodes by their names.
        known = (each for each in configuration.iterfind(".//*[@id]") if each.tag not in _NOT_IDENTIFIED)
        self._by_id = {str(each.get("id")): each for each in known}
        self._names = document_names(configuration)
        self._configuration = configuration
        for node in configuration.iterfind("nodes/node"):
            self._by_id.setdefault(str(node.get("uname")), node)
        for pair in configuration.iterfind("crm_config/cluster_property_set/nvpair"):
            self._by_id.setdefault(str(pair.get("name")), pair)

    def find(self, text: str) -> etree._Element | None:
        """Return the element whose id the text contains, or one in the only object with a quoted value."""
        if (option := _PROPERTIES.get(text)) is not None:
            return self._by_id.get(option)
        for part, paths in _PATHS.items():
            if part in text:
                return next((each for path in paths for each in self._configuration.iterfind(path)), None)
        if (value := _VALUE.search(text)) is not None:
            found = [each for each in value.groups() if each]
            # Roles are valid in any case.
            return self._by_content((*found, *(each.lower() for each in found)))
        quoted = _QUOTED.findall(text)
        words = list(_WORD.finditer(text))
        introduced = [each[0] for each in words if _BEFORE_A_NAME.search(text[: each.start()])]
        # A resource may be called `with` or `is`: a word on its own counts only if nothing else does.
        unusual = [each[0] for each in words if re.search(r"[\W\d_]", each[0].rstrip(".:"))]
        for candidates in (quoted, introduced, unusual, [each[0] for each in words[:1]]):
            for name in candidates:
                for spelling in (name, name.rstrip(".:"), name.rstrip(".").rpartition(":")[0]):
                    if spelling in self._by_id:
                        return self._by_id[spelling]
        return self._by_content((*quoted, *(each for each in unusual if len(each) >= _DISTINCT)))

    def is_configured(self, text: str) -> bool:
        """Return whether the text is about something that is configured, not about a default."""
        return text not in _PROPERTIES or _PROPERTIES[text] in self._by_id

    def _by_content(self, words: Iterable[str]) -> etree._Element | None:
        """Return an element with an attribute of this name or value, if only one object has it."""
        for word in words:
            found = [each for each in self._configuration.iter("*") if _has(each, word)]
            if found and len({self.names_of(each)[0] for each in found}) == 1:
                return found[0]
        return None

    def names_of(self, element: etree._Element | None) -> tuple[str, list[str]]:
        """Return the name of the object that contains an element, and the ids of all elements around it."""
        ids: list[str] = []
        name = ""
        while element is not None and element is not self._configuration:
            ids += [str(element.get(key)) for key in ("id", "uname") if element.get(key)]
            name = name or self._name(element)
            element = element.getparent()
        return name or (ids[0] if ids else CONFIGURATION), ids

    def _name(self, element: etree._Element) -> str:
        """Return the name of an object or a property in documents, or ""."""
        parent = element.getparent()
        if element.tag == "nvpair" and parent is not None and parent.tag == "cluster_property_set":
            return str(element.get("name"))
        if element.tag not in _OBJECTS:
            return ""
        identifier = str(element.get("uname" if element.tag == "node" else "id"))
        return self._names.get(identifier, identifier)
