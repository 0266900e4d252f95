"""What documents call things: a clone goes by the name of what it clones."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree


def document_names(*configurations: etree._Element) -> dict[str, str]:
    """From the ids of clones to the names that documents have for them."""
    return {
        str(clone.get("id")): str(inner.get("id"))
        for configuration in configurations
        for clone in configuration.iterfind("resources/*")
        if clone.tag in ("clone", "master")
        for inner in clone.iterchildren("primitive", "group")
    }


def name_in_document(name: str, path: str, names: Mapping[str, str]) -> tuple[str, str]:
    """An object's name and a place in it, as a document says both: not `x-clone x.params.ip`."""
    short = names.get(name, name)
    return short, path.removeprefix(f"{short}.") if short != name else path
