"""Constraints on one line.

    order       [ACTION] A then [ACTION] B [(optional|mandatory|serialize|SCORE, symmetrical=false, ...)]
                [ACTION] {A, B} then [C, D]    sets: unordered in braces, in sequence in brackets
    colocation  [ROLE] A with [ROLE] B [(SCORE|no score, influence=false, ...)]
    location    [ROLE] A on NODE [(SCORE, discovery=exclusive)]  |  [ROLE] A avoids NODE
    tickets     [ROLE] A needs TICKET [(stop|demote|fence|freeze)]

A line stands for the keys of the long form: `parse_constraint` returns them, `format_constraint` takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pacemaker_os.cib.values import score
from pacemaker_os.document.oneline.lexer import Line, LineError, quote, split_options
from pacemaker_os.document.yaml.plain import Plain

_ACTIONS = ("start", "stop", "promote", "demote")
_ROLES = ("Started", "Stopped", "Promoted", "Unpromoted", "Master", "Slave")
_KINDS = {"optional": "Optional", "mandatory": "Mandatory", "serialize": "Serialize"}
_KEYWORDS = frozenset(("then", "with", "on", "avoids", "needs", *_ACTIONS, *_ROLES))

#: An example line for each section of constraints.
EXAMPLES = {
    "order": "a then b (optional)",
    "colocation": "a with b",
    "location": "a on node1",
    "tickets": "a needs ticket1 (stop)",
}

#: The keys of the long form. None means that the key is explicitly absent; a list contains resource sets.
Keys = dict[str, "str | list[dict[str, str | list[str]]] | None"]


def parse_constraint(section: str, text: str) -> Keys:
    """Return the keys of the long form of a line in a section. Raises LineError."""
    return _PARSERS[section](Line(text))


def format_constraint(section: str, keys: Mapping[str, Plain]) -> str | None:
    """Return the line with the meaning of the long form `keys`, None when no line has it."""
    line = _FORMATTERS[section](keys)
    return line if line is not None and _reads_back(section, line, keys) else None


def _reads_back(section: str, line: str, keys: Mapping[str, Plain]) -> bool:
    """Return whether a line with special characters in names or options has the meaning of `keys`."""
    if not any(mark in line for mark in "\"'="):
        return True
    try:
        parsed = parse_constraint(section, line)
    except LineError:
        return False
    if section == "colocation":
        parsed.setdefault("score", "INFINITY")
    expected = dict(keys)
    if isinstance(sets := expected.get("sets"), list):
        expected["sets"] = [{"resources": each} if isinstance(each, list) else each for each in sets]
    return parsed == expected


def _parse_order(line: Line) -> Keys:
    steps = [_parse_step(line)]
    while line and line.peek() != "(":
        line.expect("then")
        steps.append(_parse_step(line))
    options, pairs = split_options(line.options())
    keys: Keys = dict(pairs)
    for option in options:
        if (kind := _KINDS.get(option.lower())) is not None:
            keys["kind"] = kind
        else:
            keys["score"] = _parse_score(option, "a score, optional, mandatory or serialize")
    if len(steps) == 2 and all(isinstance(step["resources"], str) for step in steps):
        for end, step in zip(("first", "then"), steps, strict=True):
            keys[end] = str(step["resources"])
            if "action" in step:
                keys[f"{end}-action"] = str(step["action"])
        return keys
    if len(steps) == 1 and isinstance(steps[0]["resources"], str):
        raise LineError("expected 'then' and another resource")
    keys["sets"] = [
        {
            **step,
            "resources": [step["resources"]] if isinstance(step["resources"], str) else step["resources"],
        }
        for step in steps
    ]
    return keys


def _parse_step(line: Line) -> dict[str, str | list[str]]:
    step: dict[str, str | list[str]] = {}
    if line.peek() in _ACTIONS and line.has(1) and line.peek(1) not in ("then", "("):
        step["action"] = line.expect(*_ACTIONS)
    if line.take("{"):
        step["resources"] = list(line.names("}"))
        step["sequential"] = "false"
    elif line.take("["):
        step["resources"] = list(line.names("]"))
    else:
        step["resources"] = line.name("a resource")
    return step


def _parse_colocation(line: Line) -> Keys:
    keys: Keys = {}
    _parse_role(line, keys, "role", ("with",))
    keys["resource"] = line.name("a resource")
    line.expect("with")
    _parse_role(line, keys, "with-role", ("(",))
    keys["with"] = line.name("a resource")
    options, pairs = split_options(line.options())
    keys.update(pairs)
    for option in options:
        keys["score"] = None if option == "no score" else _parse_score(option, "a score or 'no score'")
    return keys


def _parse_location(line: Line) -> Keys:
    keys: Keys = {}
    _parse_role(line, keys, "role", ("on", "avoids"))
    keys["resource"] = line.name("a resource")
    verb = line.expect("on", "avoids")
    keys["node"] = line.name("a node")
    options, pairs = split_options(line.options())
    keys.update(pairs)
    text = _parse_score(options[-1], "a score") if options else "INFINITY"
    if verb == "avoids":
        text = text.removeprefix("-") if text.startswith("-") else f"-{text.removeprefix('+')}"
    keys["score"] = text
    return keys


def _parse_ticket(line: Line) -> Keys:
    keys: Keys = {}
    _parse_role(line, keys, "role", ("needs",))
    keys["resource"] = line.name("a resource")
    line.expect("needs")
    keys["ticket"] = line.name("a ticket")
    options, pairs = split_options(line.options())
    keys.update(pairs)
    for option in options:
        keys["loss-policy"] = option
    return keys


def _parse_role(line: Line, keys: Keys, key: str, after_a_name: tuple[str, ...]) -> None:
    """Take a role, unless the word is the name of a resource."""
    role = (line.peek() or "").capitalize()
    if role in _ROLES and line.has(1) and line.peek(1) not in after_a_name:
        keys[key] = role
        line.name("a role")


def _parse_score(option: str, expected: str) -> str:
    text = option.removeprefix("score ")
    if score(text) is None:
        raise LineError(f"'{option}' is not {expected}")
    return text


_PARSERS: dict[str, Callable[[Line], Keys]] = {
    "order": _parse_order,
    "colocation": _parse_colocation,
    "location": _parse_location,
    "tickets": _parse_ticket,
}


def _format_order(keys: Mapping[str, Plain]) -> str | None:
    extra = ("symmetrical", "require-all")
    sets = keys.get("sets")
    if isinstance(sets, list):
        steps = [_format_step(each) for each in sets]
        if not keys.keys() <= {"sets", "kind", "score", *extra} or None in steps:
            return None
        if len(steps) == 1 or (len(steps) == 2 and not any(map(_has_brackets, steps))):
            steps = [_format_step(each, brackets=True) for each in sets]
        line = " then ".join(str(step) for step in steps)
    elif (
        {"first", "then"}
        <= keys.keys()
        <= {
            *("first", "then", "first-action", "then-action"),
            *("kind", "score", *extra),
        }
    ):
        line = " then ".join(_format_actor(keys, f"{end}-action", end) for end in ("first", "then"))
    else:
        return None
    options = [str(keys["kind"]).lower()] if "kind" in keys else []
    options += [str(keys["score"])] if "score" in keys else []
    return _with_options(line, options, keys, extra)


def _has_brackets(step: str | None) -> bool:
    return step is not None and ("[" in step or "{" in step)


def _format_step(each: Plain, *, brackets: bool = False) -> str | None:
    """Return a set as a step of a line, None when a step cannot express it.

    `brackets` writes even a set of one member as a set.
    """
    keys: dict[str, Plain] = dict(each) if isinstance(each, dict) else {"resources": each}
    names = keys.pop("resources", None)
    action = keys.pop("action", None)
    sequential = keys.pop("sequential", None)
    if keys or not isinstance(names, list) or not names or sequential not in (None, "false"):
        return None
    inner = ", ".join(_format_name(name) for name in names)
    if sequential == "false":
        inner = f"{{{inner}}}"
    elif brackets or len(names) > 1:
        inner = f"[{inner}]"
    return f"{action} {inner}" if action else inner


def _format_colocation(keys: Mapping[str, Plain]) -> str | None:
    extra = ("influence", "node-attribute")
    if not {"resource", "with"} <= keys.keys() <= {"resource", "with", "role", "with-role", "score", *extra}:
        return None
    line = f"{_format_actor(keys, 'role', 'resource')} with {_format_actor(keys, 'with-role', 'with')}"
    weight = keys["score"]
    options = ["no score"] if weight is None else [] if weight == "INFINITY" else [str(weight)]
    return _with_options(line, options, keys, extra)


def _format_location(keys: Mapping[str, Plain]) -> str | None:
    required = {"resource", "node", "score"}
    if not required <= keys.keys() <= {*required, "role", "discovery"}:
        return None
    actor, node = _format_actor(keys, "role", "resource"), _format_name(keys["node"])
    weight = str(keys["score"])
    if weight == "-INFINITY":
        return _with_options(f"{actor} avoids {node}", [], keys, ("discovery",))
    options = [] if weight == "INFINITY" else [weight]
    return _with_options(f"{actor} on {node}", options, keys, ("discovery",))


def _format_ticket(keys: Mapping[str, Plain]) -> str | None:
    if not {"resource", "ticket"} <= keys.keys() <= {"resource", "ticket", "role", "loss-policy"}:
        return None
    options = [str(keys["loss-policy"])] if "loss-policy" in keys else []
    line = f"{_format_actor(keys, 'role', 'resource')} needs {_format_name(keys['ticket'])}"
    return _with_options(line, options, keys, ())


def _format_actor(keys: Mapping[str, Plain], role: str, name: str) -> str:
    return f"{keys[role]} {_format_name(keys[name])}" if role in keys else _format_name(keys[name])


def _format_name(name: Plain) -> str:
    text = str(name)
    return f'"{text}"' if text in _KEYWORDS else quote(text)


def _with_options(line: str, options: list[str], keys: Mapping[str, Plain], extra: tuple[str, ...]) -> str:
    pairs = [f"{key}={keys[key]}" for key in extra if key in keys]
    text = ", ".join([*options, *pairs])
    return f"{line} ({text})" if text else line


_FORMATTERS: dict[str, Callable[[Mapping[str, Plain]], str | None]] = {
    "order": _format_order,
    "colocation": _format_colocation,
    "location": _format_location,
    "tickets": _format_ticket,
}
