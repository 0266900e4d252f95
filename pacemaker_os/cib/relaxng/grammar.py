"""Validation of a configuration with Pacemaker's RelaxNG schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from pacemaker_os.cib.configuration import Cib
from pacemaker_os.cib.element import Element
from pacemaker_os.dataclass import dataclass

#: Messages of libxml2 that name the cause, in order of preference.
_CAUSES = (
    re.compile(r"Type ID doesn't allow value '(?P<id>.*)'"),
    re.compile(r"Type \w+ doesn't allow value '.*'"),
    re.compile(r"Invalid attribute \S+ for element \S+"),
    re.compile(r"Did not expect element \S+ there"),
    re.compile(r"Expecting an element \S+, got nothing"),
    re.compile(r"IDREF attribute .* references an unknown ID .*"),
)
#: Ids that can be the id of a placeholder. libxml2 accepts more letters than these.
_PLAIN_ID = re.compile(r"[A-Za-z_][\w.-]*")
_ID_RULE = "use letters, digits, '.', '-' and '_', and start with a letter"
#: The ids that no other element can have. The others are references, or need not be unique.
_DEFINED = etree.XPath(
    "//*[not(self::resource_ref|self::role|self::obj_ref|self::node|self::acl_target)]/@id"
)
_ALL: Any = etree.XPath("//@id")


@dataclass(frozen=True, slots=True)
class Violation:
    """A schema violation and the object that contains it, or None for the whole configuration."""

    object: Element | None
    message: str


def violations(cib: Cib, grammar: etree.RelaxNG, external: Iterable[str] = ()) -> tuple[Violation, ...]:
    """Return the violations of `grammar`, which is the schema of a <cib>, in `cib`.

    `external` are ids that other documents define; references to them are valid.
    """
    with_ids = cib.with_ids()
    root = etree.Element(
        "cib", {"admin_epoch": "0", "epoch": "0", "num_updates": "0", **dict(cib.attributes)}
    )
    root.set("validate-with", cib.validate_with or "none")
    root.append(with_ids.to_element())
    whole = _Whole(root, grammar, frozenset(external))
    if whole.is_valid():
        return ()
    objects = {(each.section, getattr(each, "id", None)): each for each in with_ids.objects()}
    paths = whole.paths()
    found = []
    for section, index in whole.invalid(paths):
        node, tag = whole.node(section, index)
        element = objects.get((tag, node.get("id")))
        whole.is_valid([(section, index)])
        found.append(Violation(element, whole.cause(node)))
    if found:
        return tuple(found)
    whole.is_valid()
    return (Violation(None, whole.cause(root)),)


class _Whole:
    """A `<cib>` whose objects can be validated in parts."""

    def __init__(self, root: etree._Element, grammar: etree.RelaxNG, external: frozenset[str]) -> None:
        self._root, self._grammar = root, grammar
        self._ids = external | {str(each) for each in _ALL(root)}

    def paths(self) -> list[tuple[int, int]]:
        """Return each object as the index of its section and its index in the section."""
        configuration: Any = self._root.find("configuration")
        return [(i, j) for i, section in enumerate(configuration) for j in range(len(section))]

    def node(self, section: int, index: int) -> tuple[etree._Element, str]:
        """Return an object and the name of its section."""
        configuration: Any = self._root.find("configuration")
        return configuration[section][index], str(configuration[section].tag)

    def is_valid(self, part: Sequence[tuple[int, int]] | None = None) -> bool:
        """Return whether the objects of `part` are valid, by default all.

        Placeholders have the ids of the other objects, to which those of the part can refer.
        """
        root = deepcopy(self._root)
        configuration: Any = root.find("configuration")
        if part is not None:
            included = {configuration[i][j] for i, j in part}
            for section in configuration:
                for node in list(section):
                    if node not in included:
                        section.remove(node)
        defined: Any = _DEFINED(root)
        missing = self._ids - {str(each) for each in defined}
        resources: Any = configuration.find("resources")
        for name in sorted(missing):
            if _PLAIN_ID.fullmatch(name):
                attributes = {"id": name, "class": "ocf", "provider": "pacemaker", "type": "Dummy"}
                etree.SubElement(resources, "primitive", attributes)
        return bool(self._grammar.validate(root))

    def invalid(self, part: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the objects of `part` that are invalid by themselves."""
        if not part or self.is_valid(part):
            return []
        if len(part) == 1:
            return list(part)
        middle = len(part) // 2
        return [*self.invalid(part[:middle]), *self.invalid(part[middle:])]

    def cause(self, node: etree._Element) -> str:
        """Return the cause of the last failed validation, in which `node` was invalid."""
        log: Any = self._grammar.error_log
        messages = [str(error.message) for error in log]
        for cause in _CAUSES:
            for message in messages:
                if (match := cause.search(message)) is None:
                    continue
                if (name := match.groupdict().get("id")) is not None:
                    return f"'{name}' is not a valid id; {_ID_RULE}"
                return match[0]
        return f"<{node.tag}> has attributes or elements that cannot be used together"
