"""Name-value pairs of the raw XML, in the order of precedence that `cib.nvsets.ranked` describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.cib.nvsets import FIRST_PROPERTY_SET
from pacemaker_os.cib.values import score


def ranked_sets(parent: etree._Element | None, tag: str) -> list[etree._Element]:
    """Return the sets of one kind inside an element, that of the highest precedence first.

    A reference stands for the set that it refers to.
    """
    sets = [_resolved(each) for each in parent.iterfind(tag)] if parent is not None else []
    sets.reverse()
    sets.sort(key=lambda each: (each.get("id") != FIRST_PROPERTY_SET, -(score(each.get("score", "0")) or 0)))
    return sets


def effective_pairs(parent: etree._Element | None, tag: str) -> dict[str, str]:
    """Return the values that apply while no rule matches."""
    found: dict[str, str] = {}
    for each in ranked_sets(parent, tag):
        if each.find("rule") is None:
            for name, value in _pairs(each):
                found.setdefault(name, value)
    return found


def possible_values(parent: etree._Element | None, tag: str, names: Iterable[str]) -> list[str]:
    """Return the values that one of the names can have, depending on rules; none if it may be unset."""
    found: list[str] = []
    wanted = frozenset(names)
    for each in ranked_sets(parent, tag):
        values = [value for name, value in _pairs(each) if name in wanted]
        found += values[:1]
        if values and each.find("rule") is None:
            break
    return found


def _pairs(nvset: etree._Element) -> Iterator[tuple[str, str]]:
    for pair in nvset.iterfind("nvpair"):
        if pair.get("name") is not None and pair.get("value") is not None:
            yield str(pair.get("name")), str(pair.get("value"))


def _resolved(nvset: etree._Element) -> etree._Element:
    reference = nvset.get("id-ref")
    if reference is None:
        return nvset
    found = nvset.getroottree().getroot().iterfind(f".//{nvset.tag}")
    return next((each for each in found if each.get("id") == reference), nvset)
