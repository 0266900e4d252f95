"""The names of resources in documents, where a clone has the name of the resource inside it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree


def document_names(*configurations: etree._Element) -> dict[str, str]:
    """Return the name in documents of each clone, by its id."""
    return {
        str(clone.get("id")): str(inner.get("id"))
        for configuration in configurations
        for clone in configuration.iterfind("resources/*")
        if clone.tag in ("clone", "master")
        for inner in clone.iterchildren("primitive", "group")
    }


def name_in_document(name: str, path: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Return a name and a path as in documents: `x params.ip` for `x-clone x.params.ip`."""
    short = names.get(name, name)
    return short, path.removeprefix(f"{short}.") if short != name else path
