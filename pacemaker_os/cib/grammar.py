"""Validation of a configuration with Pacemaker's RelaxNG schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from pacemaker_os.cib.configuration import Cib
from pacemaker_os.cib.element import Element


@dataclass(frozen=True, slots=True)
class Violation:
    """A schema violation and the object that contains it, or None for the whole configuration."""

    object: Element | None
    message: str


def violations(cib: Cib, grammar: etree.RelaxNG) -> tuple[Violation, ...]:
    """Return the violations of `grammar`, which is the schema of a <cib>, in `cib`."""
    with_ids = cib.with_ids()
    root = etree.Element(
        "cib", {"admin_epoch": "0", "epoch": "0", "num_updates": "0", **dict(cib.attributes)}
    )
    root.set("validate-with", cib.validate_with or "none")
    root.append(with_ids.to_element())
    etree.indent(root)
    # An error refers to its object by line number, and only parsed XML has line numbers.
    parsed = etree.fromstring(etree.tostring(root))
    if grammar.validate(parsed):
        return ()
    starts = _object_lines(parsed, with_ids)
    first: dict[int, Violation] = {}
    errors: Any = grammar.error_log
    for error in errors:
        above = [start for start in starts if start[0] <= error.line]
        where = max(above, key=lambda start: start[0])[1] if above else None
        first.setdefault(id(where), Violation(where, error.message))
    # The first error in an object causes further errors in the elements around it.
    found = tuple(each for each in first.values() if each.object and " has extra content" not in each.message)
    return found or tuple(first.values())


def _object_lines(root: etree._Element, cib: Cib) -> list[tuple[int, Element]]:
    """Return each object of `cib` with its first line."""
    objects = {(each.section, getattr(each, "id", None)): each for each in cib.objects()}
    lines: list[tuple[int, Element]] = []
    for section in root.iterfind("configuration/*"):
        for node in section:
            element = objects.get((str(section.tag), node.get("id")))
            if element is not None:
                lines.append((cast("int", node.sourceline), element))
    return lines
