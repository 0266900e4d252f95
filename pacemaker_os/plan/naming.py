"""What documents call things: a clone that only wraps goes by the name of what it clones."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

#: What a document's clone is called in the CIB: the name of what it clones, and this.
CLONE = "-clone"


def document_names(*configurations: etree._Element) -> dict[str, str]:
    """From the ids of clones to the names that a document has for them, where these are others."""
    return {
        str(clone.get("id")): name
        for configuration in configurations
        for clone in configuration.iterfind("resources/clone")
        for inner in clone.iterchildren("primitive", "group")
        if clone.get("id") == (name := str(inner.get("id"))) + CLONE
    }


def place_name(name: str, path: str, names: Mapping[str, str]) -> tuple[str, str]:
    """An object's name and a place in it, as a document says both: not `x-clone x.params.ip`."""
    short = names.get(name, name)
    return short, path.removeprefix(f"{short}.") if short != name else path
