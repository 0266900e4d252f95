"""Constraints on one line.

    order       [ACTION] A then [ACTION] B [(optional|mandatory|serialize|SCORE, symmetrical=false, ...)]
                [ACTION] {A, B} then [C, D]    sets; in braces in any order, in brackets in theirs
    colocation  [ROLE] A with [ROLE] B [(SCORE|no score, influence=false, ...)]
    location    [ROLE] A on NODE [(SCORE, discovery=exclusive)]  |  [ROLE] A avoids NODE
    tickets     [ROLE] A needs TICKET [(stop|demote|fence|freeze)]

Each kind has a function that reads a line into document keys, which are then read as the long form is.
"""

from __future__ import annotations

from collections.abc import Callable

from pacemaker_os.cib.values import score
from pacemaker_os.document.line import Line, LineError, split_options

ACTIONS = ("start", "stop", "promote", "demote")
ROLES = ("Started", "Stopped", "Promoted", "Unpromoted", "Master", "Slave")
_KINDS = {"optional": "Optional", "mandatory": "Mandatory", "serialize": "Serialize"}

#: What a line says, by document key; None is an explicit absence, a list holds sets.
Said = dict[str, "str | list[dict[str, str | list[str]]] | None"]


def order(line: Line) -> Said:
    """Read an order."""
    steps = [_step(line)]
    while line and line.peek() != "(":
        line.expect("then")
        steps.append(_step(line))
    words, said_pairs = split_options(line.options())
    said: Said = dict(said_pairs)
    for word in words:
        if (kind := _KINDS.get(word.lower())) is not None:
            said["kind"] = kind
        else:
            said["score"] = _score(word, "a score, optional, mandatory or serialize")
    if len(steps) == 2 and all(isinstance(step["resources"], str) for step in steps):
        for end, step in zip(("first", "then"), steps, strict=True):
            said[end] = str(step["resources"])
            if "action" in step:
                said[f"{end}-action"] = str(step["action"])
        return said
    if len(steps) == 1 and isinstance(steps[0]["resources"], str):
        raise LineError("it names one resource; 'then' and another one are missing")
    said["sets"] = [
        {
            **step,
            "resources": [step["resources"]] if isinstance(step["resources"], str) else step["resources"],
        }
        for step in steps
    ]
    return said


def _step(line: Line) -> dict[str, str | list[str]]:
    said: dict[str, str | list[str]] = {}
    if line.peek() in ACTIONS and line.has(1) and line.peek(1) not in ("then", "("):
        said["action"] = line.expect(*ACTIONS)
    if line.take("{"):
        said["resources"] = list(line.names("}"))
        said["sequential"] = "false"
    elif line.take("["):
        said["resources"] = list(line.names("]"))
    else:
        said["resources"] = line.name("a resource")
    return said


def colocation(line: Line) -> Said:
    """Read a colocation."""
    said: Said = {}
    _role(line, said, "role", ("with",))
    said["resource"] = line.name("a resource")
    line.expect("with")
    _role(line, said, "with-role", ("(",))
    said["with"] = line.name("a resource")
    words, pairs = split_options(line.options())
    said.update(pairs)
    for word in words:
        said["score"] = None if word == "no score" else _score(word, "a score or 'no score'")
    return said


def location(line: Line) -> Said:
    """Read a location."""
    said: Said = {}
    _role(line, said, "role", ("on", "avoids"))
    said["resource"] = line.name("a resource")
    verb = line.expect("on", "avoids")
    said["node"] = line.name("a node")
    words, pairs = split_options(line.options())
    said.update(pairs)
    text = _score(words[-1], "a score") if words else "INFINITY"
    if verb == "avoids":
        text = text.removeprefix("-") if text.startswith("-") else f"-{text.removeprefix('+')}"
    said["score"] = text
    return said


def ticket(line: Line) -> Said:
    """Read what depends on a ticket."""
    said: Said = {}
    _role(line, said, "role", ("needs",))
    said["resource"] = line.name("a resource")
    line.expect("needs")
    said["ticket"] = line.name("a ticket")
    words, pairs = split_options(line.options())
    said.update(pairs)
    for word in words:
        said["loss-policy"] = word
    return said


def _role(line: Line, said: Said, key: str, after_a_name: tuple[str, ...]) -> None:
    """Take a role, unless the word is a resource's name."""
    if line.peek() in ROLES and line.has(1) and line.peek(1) not in after_a_name:
        said[key] = line.expect(*ROLES)


def _score(word: str, expected: str) -> str:
    text = word.removeprefix("score ")
    if score(text) is None:
        raise LineError(f"'{word}' is not {expected}")
    return text


READERS: dict[str, Callable[[Line], Said]] = {
    "order": order,
    "colocation": colocation,
    "location": location,
    "tickets": ticket,
}

EXAMPLES = {
    "order": "a then b (optional)",
    "colocation": "a with b",
    "location": "a on node1",
    "tickets": "a needs ticket1 (stop)",
}


def read_line(section: str, text: str) -> Said:
    """Return what a line of a section says; raises LineError."""
    line = Line(text)
    return READERS[section](line)
