"""The page of errors: every code that the source raises, with the sentences that go with it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pacemaker_os
from generate.markdown import code, table

HEAD = """\
# Errors by code

A problem is told as `FILE:LINE:COLUMN: what is wrong, and what to do [code]`, with `--json` as an object
with `error` (a code) and `problems`, a list of objects with `file`, `line`, `column`, `message` and `code`.
The codes stay; the sentences may become better. Words in braces stand for what was met.

Advice of `pcs-os validate` looks like a problem, with `(advice)` after it, and does not change the exit
status.

"""

#: What notes a problem, called with the place, the message and the code last.
NOTING = {"Problem", "Finding", "add", "problem"}

#: What is said of a code whose sentences are put together where it is raised.
ELSEWHERE = "in the words of what noticed it"

ROOT = Path(pacemaker_os.__file__).parent


def page() -> str:
    """Return the page."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(ROOT.rglob("*.py")):
        for name, sentence in codes(ast.parse(path.read_text())):
            found[name].add(sentence)
    rows = [
        (code(name), "<br>".join(sorted(filter(None, said))) or ELSEWHERE)
        for name, said in sorted(found.items())
    ]
    return HEAD + table(["code", "what it says"], rows)


def codes(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Codes in a module, each with its sentence; the sentence is empty where it is made elsewhere."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from class_code(node)
        elif isinstance(node, ast.FunctionDef):
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    yield from call_code(call, assigned(node, call.lineno))


def class_code(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """The code that errors of a class have when they bring no other, with what the class is."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(value))):
                yield value, escaped((ast.get_docstring(node) or "").partition("\n")[0])


def call_code(call: ast.Call, said: dict[str, ast.expr]) -> Iterator[tuple[str, str]]:
    """The code that a call gives: `code=` of an error, or the last word of what notes a problem."""
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg="code", value=ast.Constant(value=str(value))) if call.args:
                yield value, sentence(call.args[0], said)
    callee = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    match call.args:
        case [*_, message, ast.Constant(value=str(value))] if callee in NOTING:
            yield value, sentence(message, said)


def assigned(function: ast.FunctionDef, line: int) -> dict[str, ast.expr]:
    """The text that each name of a function was last given above a line."""
    given = [node for node in ast.walk(function) if isinstance(node, ast.Assign) and node.lineno < line]
    found = {}
    for node in sorted(given, key=lambda node: node.lineno):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() | ast.JoinedStr() as value):
                found[name] = value
    return found


def sentence(message: ast.expr, said: dict[str, ast.expr]) -> str:
    """Return what a message says, with the names of what is put into it in braces."""
    match message:
        case ast.Name(id=name) if name in said:
            return sentence(said[name], {})
        case ast.Constant(value=str(text)):
            return escaped(text)
        case ast.JoinedStr(values=pieces):
            return "".join(map(piece, pieces))
    return ""


def piece(node: ast.expr) -> str:
    """Return a piece of a text with values in it."""
    if isinstance(node, ast.Constant):
        return escaped(str(node.value))
    assert isinstance(node, ast.FormattedValue)
    names = [each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)]
    return f"{{{names[-1].strip('_')}}}" if names else "{...}"


def escaped(text: str) -> str:
    """Return a text that Markdown leaves as it is, but for what it shows as code."""
    return re.sub(r"([\\*_<>\[\]#$])", r"\\\1", text)
