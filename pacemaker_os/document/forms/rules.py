"""Rules: one line where that says all, else a mapping.

where: osprole eq controller and date gt 2026-01-01
rules: [{where: "#uname eq n1", score: 100}, {score: 5, boolean-op: or, expressions: [...]}]
expressions: ["cpu gt integer 2", {expression: {attribute: cpu, operation: gt, value: 2}}, {rule: {...}}]
"""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cib import Element
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import Children, layout
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.oneline.lexer import LineError
from pacemaker_os.document.oneline.rule import format_rule, parse_rule
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar


def decode_rule(spec: Children, node: Node, reader: Reader) -> Rule:
    """One rule: its line, or a mapping."""
    if isinstance(node, Scalar):
        return line_rule(node, reader)
    mapping = reader.mapping(node, "a rule")
    line = mapping.get("where")
    if line is None:
        return decode(Rule, mapping, reader, "a rule")
    said = decode(Rule, mapping.without("where"), reader, "a rule")
    read = line_rule(line, reader)
    return replace(said, boolean_op=said.boolean_op or read.boolean_op, expressions=read.expressions)


def line_rule(node: Node, reader: Reader) -> Rule:
    """Return the rule that a line says."""
    text = reader.text(node, "'where'")
    try:
        return replace(parse_rule(text or "", node.origin), origin=node.origin)
    except LineError as error:
        if text is not None:
            said = f"the rule '{text}' cannot be read: {error}"
            reader.problem(node, said, "rule")
        return Rule(origin=node.origin)


def encode_rule(spec: Children, rule: Rule, writer: Writer) -> Plain:
    said = encode(rule, writer, without=() if rule.id in writer.referenced else ("id",))
    line = None if _has_named_rules(rule, writer) else line_of(rule)
    if line is None:
        return said
    said.pop("expressions", None)
    said.pop("boolean-op", None)
    return {"where": line, **said} if said else line


def _has_named_rules(rule: Rule, writer: Writer) -> bool:
    """Tell whether something refers to a rule within `rule`; a line would lose its id."""
    inner = [each for each in rule.expressions if isinstance(each, Rule)]
    return any(each.id in writer.referenced or _has_named_rules(each, writer) for each in inner)


def line_of(rule: Rule) -> str | None:
    """Return the line that says what `rule` requires, None when no line can."""
    if not rule.expressions:
        return None
    line = format_rule(rule)
    try:
        read = parse_rule(line, None)
    except LineError:
        return None
    bare = replace(
        rule, id=None, id_ref=None, role=None, score=None, score_attribute=None,
        unknown_attributes=(), unknown_elements=(),
    )  # fmt: skip
    return line if meaning(read) == meaning(bare) else None


def decode_rules(spec: Children, node: Node, reader: Reader) -> tuple[Rule, ...]:
    return tuple(decode_rule(spec, item, reader) for item in reader.sequence(node, f"'{spec.key}'"))


def encode_rules(spec: Children, rules: tuple[Rule, ...], writer: Writer) -> Plain:
    return [encode_rule(spec, rule, writer) for rule in rules]


def decode_expressions(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    found: list[Element] = []
    classes = {cls.tag: cls for cls in layout(Rule).children[0].classes}
    for item in reader.sequence(node, "'expressions'"):
        if isinstance(item, Scalar):
            found += line_rule(item, reader).expressions
            continue
        mapping = reader.mapping(item, "an expression")
        for name, key, value in mapping:
            if cls := classes.get(name):
                found.append(_expression(cls, value, reader, name))
            else:
                said = f"there is no kind of expression '{name}'; there are {', '.join(classes)}"
                reader.problem(key, said, "unknown-key")
    return tuple(found)


def _expression(cls: type[Element], value: Node, reader: Reader, name: str) -> Element:
    if cls is Rule:
        return decode_rule(layout(Rule).children[0], value, reader)
    return decode(cls, _mapping(value, reader, name), reader, f"'{name}'")


def _mapping(value: Node, reader: Reader, name: str) -> Mapping:
    return reader.mapping(value, f"'{name}'")


def encode_expressions(spec: Children, value: tuple[Element, ...], writer: Writer) -> Plain:
    said: list[Plain] = []
    for expression in value:
        if isinstance(expression, Rule):
            said.append({"rule": encode_rule(spec, expression, writer)})
        else:
            said.append({expression.tag: encode(expression, writer, without=("id",))})
    return said
