"""Arguments that every supported version of pcs reads as they are meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree.text import to_text

Argv = list[str]

#: Names of options. pcs splits an argument at its first `=` and takes a leading `-` for an option of its own.
_NAME = re.compile(r"[A-Za-z_#][A-Za-z0-9_.:#-]*")

#: Ids that pcs accepts. It is stricter than Pacemaker, which also accepts letters of other alphabets.
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

#: Words that have a meaning of their own in the commands below, so pcs cannot read them as ids.
_KEYWORDS = frozenset(
    {"add", "after", "before", "bundle", "clone", "create", "delete", "demote", "group", "master", "meta"}
    | {"op", "options", "promotable", "promote", "promoted", "remove", "rule", "score", "set", "setoptions"}
    | {"slave", "start", "started", "stop", "stopped", "then", "unpromoted", "with"}
)


def is_id(text: str | None) -> bool:
    """Return whether pcs accepts `text` as the id of an object in any place."""
    return bool(text) and _ID.fullmatch(str(text)) is not None and str(text).lower() not in _KEYWORDS


def is_name(text: str | None) -> bool:
    """Return whether pcs accepts `text` as the name in NAME=VALUE."""
    return bool(text) and _NAME.fullmatch(str(text)) is not None


def is_value(text: str | None) -> bool:
    """Return whether pcs keeps `text` as the value in NAME=VALUE. An empty value removes the name."""
    return bool(text) and str(text).isprintable() and str(text) == str(text).strip()


def is_node(text: str | None) -> bool:
    """Return whether pcs reads `text` as the name of a node."""
    return is_value(text) and not re.search(r"[=%\s]|^-", str(text))


def are_options(options: Mapping[str, str]) -> bool:
    """Return whether pcs keeps all names and values."""
    return all(is_name(name) and is_value(value) for name, value in options.items())


def pairs(options: Mapping[str, str]) -> Argv:
    """Return the options as arguments NAME=VALUE."""
    return [f"{name}={value}" for name, value in options.items()]


def printable(text: str) -> str:
    """Return `text` with escapes instead of characters that a terminal or a shell does not print."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def here_document(argv: Argv, xml: etree._Element) -> str:
    """Return a POSIX shell command that passes XML to a program as its standard input.

    An argument would be limited to 128 KiB, and Pacemaker 3.0 accepts ASCII in arguments only, in any locale.
    """
    copy = deepcopy(xml)
    etree.indent(copy)
    lines = [_references(line) for line in to_text(copy).split("\n")]
    end = "EOF"
    while end in lines:  # A comment may contain any line.
        end += "_"
    return "\n".join([f"{shlex.join(argv)} <<'{end}'", *lines, end])


def _references(line: str) -> str:
    """Return a line of XML with character references instead of characters that are not printable."""
    return "".join(each if each.isprintable() else f"&#{ord(each)};" for each in line)
