"""Generate the page of errors: every code that the source uses, with its messages."""

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

Problems have the form `FILE:LINE:COLUMN: message [code]`. With `--json`, the output is an object with `error`
(a code) and `problems`, a list of objects with `file`, `line`, `column`, `message` and `code`. Codes are
stable; messages can change between versions. Words in braces stand for values.

Warnings of `pcs-os validate` do not change the exit status.

"""

#: Callables that take a position, a message and a code, in this order.
REPORTING = {"Problem", "LintFinding", "add", "problem"}

#: Text for codes whose messages come from another program or are composed of several parts.
COMPOSED = "the message names the details"

#: The descriptions of codes that classes of errors define.
DESCRIPTIONS = {
    "catalogue": "The services of the topology cannot be deployed together; the message names the reason",
    "cluster": "The cluster could not be read, or rejected a request; the message names the reason",
    "command-failed": "A command on a node failed; the message contains its exit status and its error output",
    "command-timeout": "A command on a node did not end before its timeout",
    "conflict": "Another program changed the configuration in the meantime, and nothing was written; run the "
    "command again",
    "deploy-failed": "A step of a deployment failed; the message names the node, the step, the error and the "
    "log file",
    "document": "A document is invalid; the output lists all problems",
    "error": "An error without its own code; the message names the reason",
    "input": "The input is invalid; the output lists all problems",
    "lab": "The lab cannot be created, found or used; the message names the reason",
    "not-allowed": "The plan has effects that --allow does not permit, and nothing was written",
    "not-settled": "The configuration was written, but the cluster did not settle before the timeout; see "
    "pcs-os status",
    "unreachable": "A command could not be run on a node: the container is unknown, or SSH failed",
}

ROOT = Path(pacemaker_os.__file__).parent


def page() -> str:
    """Return the page."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(ROOT.rglob("*.py")):
        for name, sentence in codes(ast.parse(path.read_text())):
            found[name].add(sentence)
    rows = [
        (code(name), "<br>".join(sorted(filter(None, messages))) or COMPOSED)
        for name, messages in sorted(found.items())
    ]
    return HEAD + table(["Code", "Messages"], rows)


def codes(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the codes in a module, each with its message; composed messages are empty."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from class_code(node)
        elif isinstance(node, ast.FunctionDef):
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    yield from call_code(call, assigned(node, call.lineno))


def class_code(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the default code of an error class, with its description."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(value))):
                yield (
                    value,
                    escaped(DESCRIPTIONS.get(value, (ast.get_docstring(node) or "").partition("\n")[0])),
                )


def call_code(call: ast.Call, texts: dict[str, ast.expr]) -> Iterator[tuple[str, str]]:
    """Yield the code in a call: the argument `code` of an error, or the last argument of a report."""
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg="code", value=ast.Constant(value=str(value))) if call.args:
                yield value, sentence(call.args[0], texts)
    callee = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    match call.args:
        case [*_, message, ast.Constant(value=str(value))] if callee in REPORTING:
            yield value, sentence(message, texts)


def assigned(function: ast.FunctionDef, line: int) -> dict[str, ast.expr]:
    """Return the last text that each name of a function is assigned above a line."""
    assignments = [node for node in ast.walk(function) if isinstance(node, ast.Assign) and node.lineno < line]
    found = {}
    for node in sorted(assignments, key=lambda node: node.lineno):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() | ast.JoinedStr() as value):
                found[name] = value
    return found


def sentence(message: ast.expr, texts: dict[str, ast.expr]) -> str:
    """Return the text of a message, with the names of its values in braces."""
    match message:
        case ast.Name(id=name) if name in texts:
            return sentence(texts[name], {})
        case ast.Constant(value=str(text)):
            return escaped(text)
        case ast.JoinedStr(values=pieces):
            return "".join(map(piece, pieces))
    return ""


def piece(node: ast.expr) -> str:
    """Return a part of a formatted string."""
    if isinstance(node, ast.Constant):
        return escaped(str(node.value))
    assert isinstance(node, ast.FormattedValue)
    names = [each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)]
    return f"{{{names[-1].strip('_')}}}" if names else "{...}"


def escaped(text: str) -> str:
    """Return a text with the special characters of Markdown escaped, except backticks."""
    return re.sub(r"([\\*_<>\[\]#$])", r"\\\1", text)
