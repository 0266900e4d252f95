"""Merge the files of a document, including those that they include, into one tree."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.document.problems import Problems
from pacemaker_os.document.source import Include, Source
from pacemaker_os.document.yaml.parser import read_yaml
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null

#: Maximum number of files of a document.
MAX_FILES = 100

#: Keys whose values are merged key by key; other keys of a section must not have different values.
_MERGED = ("resources", "operations", "roles", "users", "groups", "configuration")


def merge(
    sources: Iterable[Source], include: Include | None, problems: Problems
) -> tuple[Mapping | None, tuple[str, ...]]:
    """Return one tree for all files, and their names; None when no file could be parsed."""
    loader = _Loader(include, problems)
    for source in sources:
        loader.add(source)
    merged: Mapping | None = None
    for tree in loader.trees:
        merged = tree if merged is None else _merge_trees(merged, tree, problems)
    return merged, tuple(loader.files)


class _Loader:
    """The trees of files and of the files that they include; each file is parsed once."""

    def __init__(self, include: Include | None, problems: Problems) -> None:
        self._include, self._problems = include, problems
        self.trees: list[Mapping] = []
        self.files: list[str] = []

    def add(self, source: Source) -> None:
        if source.file in self.files:
            return
        self.files.append(source.file)
        tree = read_yaml(source.text, source.file, self._problems)
        if tree is None:
            return
        node = tree.get("include")
        self.trees.append(tree.without("include"))
        if node is None or is_null(node):
            return
        for item in node.items if isinstance(node, Sequence) else (node,):
            self._add_included(item, source.file)

    def _add_included(self, node: Node, file: str) -> None:
        if not isinstance(node, Scalar) or node.text is None:
            message = f"'include' must be a file name or a list of file names, not {describe_node(node)}"
            self._problems.add(node.origin, message, "wrong-type")
        elif self._include is None:
            message = f"cannot include '{node.text}': this document was not read from a file"
            self._problems.add(node.origin, message, "include")
        elif len(self.files) >= MAX_FILES:
            message = f"cannot include '{node.text}': the document already has {MAX_FILES} files"
            self._problems.add(node.origin, message, "include")
        else:
            try:
                source = self._include(node.text, file)
            except (OSError, ValueError) as error:
                self._problems.add(node.origin, f"cannot include '{node.text}': {error}", "include")
            else:
                self.add(source)


def _merge_trees(first: Mapping, second: Mapping, problems: Problems) -> Mapping:
    """Return both trees as one: sections are merged, and common values must be equal."""
    items = {key.text: (key, value) for key, value in first.items}
    for key, value in second.items:
        old = items.get(key.text)
        if old is None:
            items[key.text] = (key, value)
        else:
            items[key.text] = (old[0], _merge_values(key, old[1], value, problems))
    return Mapping(tuple(items.values()), first.origin)


def _merge_values(key: Scalar, old: Node, new: Node, problems: Problems) -> Node:
    if isinstance(old, Sequence) and isinstance(new, Sequence):
        return Sequence((*old.items, *new.items), old.origin)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _merge_sections(old, new, problems)
    if is_null(old) or is_null(new):
        return new if is_null(old) else old
    if isinstance(old, Scalar) and isinstance(new, Scalar) and old.text == new.text:
        return old
    _add_conflict(key, old, problems)
    return old


def _merge_sections(old: Mapping, new: Mapping, problems: Problems) -> Mapping:
    items = {key.text: (key, value) for key, value in old.items}
    for key, value in new.items:
        before = items.get(key.text)
        if before is None:
            items[key.text] = (key, value)
        elif key.text in _MERGED:
            items[key.text] = (key, _merge_values(key, before[1], value, problems))
        elif not _same(before[1], value):
            _add_conflict(key, before[0], problems)
    return Mapping(tuple(items.values()), old.origin)


def _add_conflict(key: Scalar, first: Node, problems: Problems) -> None:
    problems.add(key.origin, f"'{key.text}' has a different value in {first.origin}", "conflicting-values")


def _same(one: Node, other: Node) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.text == other.text and one.secret == other.secret
    return False
