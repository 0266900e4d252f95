"""Parse YAML text into a tree, with libyaml (or with PyYAML's own parser if libyaml is missing).

Only plain data is allowed: no tags except `!secret`, one document per file, no duplicate keys, and limits
on depth and on expanded aliases. `<<` merges the mapping of an anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pacemaker_os.cib import Origin
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence

#: Maximum number of values after aliases are expanded; more are a mistake or an attack.
MAX_VALUES = 500_000
#: Maximum nesting depth of values. A document needs about ten levels. A rule that no line can express needs
#: three levels for each level of the CIB (cib/parser.py).
MAX_DEPTH = 200
_TOO_DEEP = f"values are nested more than {MAX_DEPTH} levels deep"
#: libyaml in PyYAML 6.0.4 and later has a depth limit of its own, and applies it before the first event.
_LIBYAML_DEPTH = "exceeded maximum nesting depth"

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
#: Stands for the merge key `<<` without quotes; no YAML text can contain it.
_MERGE = "\0<<"
#: A secret is a file of this name in the directory of PCS_OS_SECRETS.
_SECRET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_CORE = "tag:yaml.org,2002:"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Unreadable(Exception):
    """Parsing stopped; the reason is among the problems."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end was not reached yet; the items of a mapping alternate key and value."""

    origin: Origin
    anchor: str | None
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    size: int = 1


def read_yaml(text: str, file: str, problems: Problems) -> Mapping | None:
    """Return the top-level mapping of `text`, None after adding problems."""
    try:
        tree = _Parser(file, problems).parse(text)
    except yaml.MarkedYAMLError as error:
        _add_syntax_error(error, file, text, problems)
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"YAML does not allow the character {_character(error.character)}"
        problems.add(Origin(file, line, 1), message, "yaml")
        return None
    except _Unreadable:
        return None
    if tree is None or (isinstance(tree, Scalar) and tree.text is None):
        message = "the document is empty; run `pcs-os init` to create one"
        problems.add(Origin(file, 1, 1), message, "empty-document")
        return None
    if not isinstance(tree, Mapping):
        problems.add(
            tree.origin, "a document must be a mapping (`resources:`, `properties:`, ...)", "wrong-type"
        )
        return None
    return tree


class _Parser:
    """A builder of trees from events, with an explicit stack, so that no input can exhaust the call stack."""

    def __init__(self, file: str, problems: Problems) -> None:
        self._file, self._problems = file, problems
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None

    def parse(self, text: str) -> Node | None:
        documents = 0
        for event in _events(text):
            if isinstance(event, yaml.ScalarEvent):
                self._put(self._scalar(event), event.anchor, 1)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(
                        self._origin(event),
                        "a file can contain only one document; put this one into a separate file",
                        "yaml",
                    )
        return self._root

    def _origin(self, event: Any) -> Origin:
        mark = event.start_mark
        return Origin(self._file, mark.line + 1, mark.column + 1)

    def _stop(self, origin: Origin, message: str, code: str) -> None:
        self._problems.add(origin, message, code)
        raise _Unreadable

    def _put(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        top.items.append(node)
        top.size += size
        if top.size > MAX_VALUES:
            self._stop(
                node.origin,
                f"the document has more than {MAX_VALUES:,} values after its aliases are expanded",
                "too-large",
            )

    def _begin(self, event: Any) -> None:
        origin = self._origin(event)
        if len(self._stack) >= MAX_DEPTH:
            self._stop(origin, _TOO_DEEP, "too-deep")
        self._check_tag(event.tag, origin)
        self._stack.append(_Open(origin, event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _end(self) -> None:
        done = self._stack.pop()
        node = self._mapping(done) if done.is_mapping else Sequence(tuple(done.items), done.origin)
        self._put(node, done.anchor, done.size)

    def _alias(self, event: Any) -> None:
        origin = self._origin(event)
        if any(frame.anchor == event.anchor for frame in self._stack):
            self._stop(origin, f"alias '*{event.anchor}' refers to a value that contains it", "alias-loop")
        if event.anchor not in self._anchors:
            self._stop(origin, f"unknown anchor '&{event.anchor}'; define it before this alias", "no-anchor")
        node, size = self._anchors[event.anchor]
        self._put(node, None, size)

    def _scalar(self, event: Any) -> Scalar:
        origin = self._origin(event)
        if event.tag == "!secret":
            if not _SECRET_NAME.fullmatch(event.value):
                message = (
                    f"invalid name '{event.value}' of a secret; use letters, digits, '.', '-' and '_', and "
                    "start with a letter or a digit"
                )
                self._problems.add(origin, message, "secret-name")
            return Scalar(None, origin, secret=event.value)
        self._check_tag(event.tag, origin)
        plain = event.implicit[0]
        if plain and event.value == "<<" and self._at_key():
            return Scalar(_MERGE, origin)
        return Scalar(None if plain and event.value in _NULLS else event.value, origin)

    def _at_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].is_mapping and len(self._stack[-1].items) % 2 == 0

    def _check_tag(self, tag: str | None, origin: Origin) -> None:
        if tag is not None and tag not in ("!", f"{_CORE}str", f"{_CORE}map", f"{_CORE}seq"):
            shown = tag.removeprefix(_CORE)
            self._problems.add(origin, f"unsupported tag '{shown}'; only !secret is supported", "tag")

    def _mapping(self, done: _Open) -> Mapping:
        items: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(done.items[::2], done.items[1::2], strict=True):
            if not isinstance(key, Scalar) or key.secret:
                self._problems.add(key.origin, "a key must be a string", "wrong-type")
                continue
            if key.text == "":
                self._problems.add(key.origin, "a key cannot be empty", "empty-name")
                continue
            name = key.text or "null"
            if name == _MERGE:
                for item in self._merged(value):
                    merged.setdefault(item[0].text or "", item)
            elif name in items:
                line = items[name][0].origin.line
                message = f"duplicate key '{name}' (first defined on line {line})"
                self._problems.add(key.origin, message, "duplicate-key")
            else:
                items[name] = (Scalar(name, key.origin), value)
        fresh = (item for name, item in merged.items() if name not in items)
        return Mapping((*items.values(), *fresh), done.origin)

    def _merged(self, value: Node) -> list[tuple[Scalar, Node]]:
        parts = value.items if isinstance(value, Sequence) else (value,)
        found: list[tuple[Scalar, Node]] = []
        for part in parts:
            if isinstance(part, Mapping):
                found += part.items
            else:
                self._problems.add(value.origin, "`<<` must be a mapping or a list of mappings", "wrong-type")
        return found


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=_LOADER))


def _character(character: Any) -> str:
    code = ord(character) if isinstance(character, str) else int(character)
    return f"U+{code:04X}"


def _add_syntax_error(error: yaml.MarkedYAMLError, file: str, text: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    # libyaml can report the line after the line with the tab.
    for number in (line, line - 1):
        before = text.splitlines()[number - 1 : number]
        indentation = before[0][: len(before[0]) - len(before[0].lstrip())] if before else ""
        if number > 0 and "\t" in indentation:
            message = "YAML does not allow tabs for indentation; use spaces"
            problems.add(Origin(file, number, indentation.index("\t") + 1), message, "tab")
            return
    if _LIBYAML_DEPTH in (error.problem or ""):
        problems.add(Origin(file, line, column), _TOO_DEEP, "too-deep")
        return
    message = " ".join(part for part in (error.context, error.problem) if part) or "invalid YAML"
    problems.add(Origin(file, line, column), message, "yaml")
