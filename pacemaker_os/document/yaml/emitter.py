"""Emit plain values as YAML text: short collections on one line, and quotes only where necessary."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator

from pacemaker_os.document.yaml.plain import Block, Commented, Plain

#: Maximum width of a line with a whole collection.
WIDTH = 100

#: Characters that a text without quotes cannot start with or contain: YAML indicators and invisible ones.
_FIRST = r"(?:[^\s!&*\-?|>@`%\"'#,\[\]{}:=~\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|-(?=[\w.]))"
_UNSEEN = r"\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff"
_BARE_IN_BLOCK = re.compile(rf"{_FIRST}(?:[^{_UNSEEN}:#]|:(?=[^\s])|(?<=[^\s])#)*(?<![\s:])")
_BARE_IN_FLOW = re.compile(rf"{_FIRST}(?:[^{_UNSEEN}:#,\[\]{{}}]|:(?=[\w.]))*(?<![\s:])")
_NULLS = frozenset(("null", "Null", "NULL", "---", "..."))


def emit(value: dict[str, Plain], together: Container[str] = ()) -> str:
    """Return a mapping as a YAML document, with an empty line before each key that is not in `together`."""
    sections: list[str] = []
    for key, plain in value.items():
        inner, comments = (plain.value, plain.comments) if isinstance(plain, Commented) else (plain, ())
        lines = [f"{key}:", *_lines(inner, 2)] if isinstance(inner, dict | list) and inner else []
        apart = "\n" if sections and key not in together else ""
        lines = lines or [*_mapping_lines({key: inner}, 0)]
        sections.append(apart + "".join(f"{line}\n" for line in (*_comment_lines(comments, ""), *lines)))
    return "".join(sections)


def _mapping_lines(value: dict[str, Plain], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, inner in value.items():
        if isinstance(inner, Commented):
            yield from _comment_lines(inner.comments, pad)
            inner = inner.value
        head = f"{pad}{_scalar(key, _BARE_IN_BLOCK)}:"
        line = _one_line(inner, WIDTH - len(head) - 1)
        if line is not None:
            yield f"{head} {line}" if line else head
        else:
            yield head
            yield from _lines(inner, indent + 2)


def _lines(value: Plain, indent: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _mapping_lines(value, indent)
    elif isinstance(value, list):
        yield from _list_lines(value, indent)


def _list_lines(value: list[Plain], indent: int) -> Iterator[str]:
    pad = " " * indent
    for item in value:
        if isinstance(item, Commented):
            yield from _comment_lines(item.comments, pad)
            item = item.value
        line = _named_line(item, WIDTH - indent - 2) or _one_line(item, WIDTH - indent - 2)
        if line is not None:
            yield f"{pad}- {line}"
        else:
            first, *rest = _lines(item, indent + 2)
            yield f"{pad}- {first.lstrip()}"
            yield from rest


def _named_line(item: Plain, width: int) -> str | None:
    """Return a mapping with one key as `NAME: ...`, without braces."""
    if not isinstance(item, dict) or len(item) != 1:
        return None
    ((key, value),) = item.items()
    line = _one_line(value, width)
    return None if line is None else f"{_scalar(key, _BARE_IN_BLOCK)}: {line}"


def _comment_lines(comments: tuple[str, ...], pad: str) -> Iterator[str]:
    for comment in comments:
        for line in comment.strip().splitlines():
            yield f"{pad}# {_printable(line.strip())}".rstrip()


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _one_line(value: Plain, width: int) -> str | None:
    """Return a scalar, or a collection that fits on one line; None otherwise."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return _scalar(_literal(value), _BARE_IN_BLOCK)
    if isinstance(value, Commented) or (isinstance(value, Block) and value):
        return None
    line = _flow(value)
    return line if line is not None and len(line) <= width else None


def _flow(value: Plain, depth: int = 0) -> str | None:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _scalar(_literal(value), _BARE_IN_FLOW)
    if isinstance(value, Commented) or (isinstance(value, Block) and value) or depth > 1:
        return None
    inner = value.values() if isinstance(value, dict) else value
    parts = [_flow(item, depth + 1) for item in inner]
    if any(part is None for part in parts):
        return None
    if isinstance(value, dict):
        pairs = zip(value, parts, strict=True)
        return "{" + ", ".join(f"{_scalar(key, _BARE_IN_FLOW)}: {part}" for key, part in pairs) + "}"
    return "[" + ", ".join(str(part) for part in parts) + "]"


def _literal(text: str) -> str:
    """Return a value in which `${` is escaped."""
    return text.replace("${", "$${")


def _scalar(text: str, bare: re.Pattern[str]) -> str:
    if bare.fullmatch(text) and text not in _NULLS and text != "<<":
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # JSON allows these characters, but YAML requires escapes.
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", quoted)
