"""Several files as one tree: those that were given, and those that they include."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.document.problems import Problems
from pacemaker_os.document.source import Include, Source
from pacemaker_os.document.yaml.parser import read_yaml
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null

#: More files than this are a mistake.
MAX_FILES = 100


def merge(
    sources: Iterable[Source], include: Include | None, problems: Problems
) -> tuple[Mapping | None, tuple[str, ...]]:
    """Return one tree for all files, and their names; None when nothing could be read."""
    reading = _Reading(include, problems)
    for source in sources:
        reading.add(source)
    merged: Mapping | None = None
    for tree in reading.trees:
        merged = tree if merged is None else _joined(merged, tree, problems)
    return merged, tuple(reading.files)


class _Reading:
    """Follows includes, each file once."""

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
            self._follow(item, source.file)

    def _follow(self, node: Node, file: str) -> None:
        if not isinstance(node, Scalar) or node.text is None:
            said = f"'include' takes names of files, not {describe_node(node)}"
            self._problems.add(node.origin, said, "wrong-type")
        elif self._include is None:
            self._problems.add(node.origin, "a document without a file cannot include others", "include")
        elif len(self.files) >= MAX_FILES:
            self._problems.add(node.origin, f"more than {MAX_FILES} files are included", "include")
        else:
            try:
                source = self._include(node.text, file)
            except (OSError, ValueError) as error:
                self._problems.add(node.origin, f"'{node.text}' cannot be included: {error}", "include")
            else:
                self.add(source)


def _joined(first: Mapping, second: Mapping, problems: Problems) -> Mapping:
    """Return both: sections are joined; what both say must be the same."""
    items = {key.text: (key, value) for key, value in first.items}
    for key, value in second.items:
        old = items.get(key.text)
        if old is None:
            items[key.text] = (key, value)
        else:
            items[key.text] = (old[0], _both(key, old[1], value, problems))
    return Mapping(tuple(items.values()), first.origin)


def _both(key: Scalar, old: Node, new: Node, problems: Problems) -> Node:
    if isinstance(old, Sequence) and isinstance(new, Sequence):
        return Sequence((*old.items, *new.items), old.origin)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _sections(old, new, problems)
    if is_null(old) or is_null(new):
        return new if is_null(old) else old
    if isinstance(old, Scalar) and isinstance(new, Scalar) and old.text == new.text:
        return old
    said = f"'{key.text}' is said differently in {old.origin}"
    problems.add(key.origin, said, "said-twice")
    return old


def _sections(old: Mapping, new: Mapping, problems: Problems) -> Mapping:
    items = {key.text: (key, value) for key, value in old.items}
    for key, value in new.items:
        before = items.get(key.text)
        if before is None:
            items[key.text] = (key, value)
        elif key.text in ("resources", "operations", "roles", "users", "groups", "configuration"):
            items[key.text] = (key, _both(key, before[1], value, problems))
        elif not _same(before[1], value):
            said = f"'{key.text}' is said differently in {before[0].origin}"
            problems.add(key.origin, said, "said-twice")
    return Mapping(tuple(items.values()), old.origin)


def _same(one: Node, other: Node) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.text == other.text and one.secret == other.secret
    return False
