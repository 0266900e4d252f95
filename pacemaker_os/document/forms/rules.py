"""Rules: one line where that expresses all, else a mapping.

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
from pacemaker_os.document.yaml.tree import Node, Scalar


def decode_rule(spec: Children, node: Node, reader: Reader) -> Rule:
    """Return a rule from a line or a mapping."""
    if isinstance(node, Scalar):
        return _decode_line(node, reader)
    mapping = reader.mapping(node, "rule")
    line = mapping.get("where")
    if line is None:
        return decode(Rule, mapping, reader, "rule")
    rule = decode(Rule, mapping.without("where"), reader, "rule")
    parsed = _decode_line(line, reader)
    return replace(rule, boolean_op=rule.boolean_op or parsed.boolean_op, expressions=parsed.expressions)


def _decode_line(node: Node, reader: Reader) -> Rule:
    text = reader.text(node, "'where'")
    try:
        return replace(parse_rule(text or "", node.origin), origin=node.origin)
    except LineError as error:
        if text is not None:
            reader.problem(node, f"cannot parse rule '{text}': {error}", "rule")
        return Rule(origin=node.origin)


def encode_rule(spec: Children, rule: Rule, writer: Writer) -> Plain:
    """Return a line, a mapping with `where`, or the long form."""
    keys = encode(rule, writer, without=() if rule.id in writer.referenced else ("id",))
    line = None if _has_referenced_rules(rule, writer) else _encode_line(rule)
    if line is None:
        return keys
    keys.pop("expressions", None)
    keys.pop("boolean-op", None)
    return {"where": line, **keys} if keys else line


def _has_referenced_rules(rule: Rule, writer: Writer) -> bool:
    """Return whether something refers to a rule inside of `rule`; a line would lose its id."""
    inner = [each for each in rule.expressions if isinstance(each, Rule)]
    return any(each.id in writer.referenced or _has_referenced_rules(each, writer) for each in inner)


def _encode_line(rule: Rule) -> str | None:
    """Return the line of the expressions of `rule`, None if no line expresses them."""
    if not rule.expressions:
        return None
    line = format_rule(rule)
    try:
        parsed = parse_rule(line, None)
    except LineError:
        return None
    bare = replace(
        rule, id=None, id_ref=None, role=None, score=None, score_attribute=None,
        unknown_attributes=(), unknown_elements=(),
    )  # fmt: skip
    return line if meaning(parsed) == meaning(bare) else None


def decode_rules(spec: Children, node: Node, reader: Reader) -> tuple[Rule, ...]:
    return tuple(decode_rule(spec, item, reader) for item in reader.sequence(node, f"'{spec.key}'"))


def encode_rules(spec: Children, rules: tuple[Rule, ...], writer: Writer) -> Plain:
    return [encode_rule(spec, rule, writer) for rule in rules]


def decode_expressions(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    found: list[Element] = []
    classes = {cls.tag: cls for cls in layout(Rule).children[0].classes}
    for item in reader.sequence(node, "'expressions'"):
        if isinstance(item, Scalar):
            found += _decode_line(item, reader).expressions
            continue
        mapping = reader.mapping(item, "expression")
        for name, key, value in mapping:
            if cls := classes.get(name):
                found.append(_decode_expression(cls, value, reader, name))
            else:
                message = f"unknown expression '{name}'; use one of {', '.join(classes)}"
                reader.problem(key, message, "unknown-key")
    return tuple(found)


def _decode_expression(cls: type[Element], value: Node, reader: Reader, name: str) -> Element:
    if cls is Rule:
        return decode_rule(layout(Rule).children[0], value, reader)
    return decode(cls, reader.mapping(value, f"'{name}'"), reader, f"'{name}'")


def encode_expressions(spec: Children, value: tuple[Element, ...], writer: Writer) -> Plain:
    plain: list[Plain] = []
    for expression in value:
        if isinstance(expression, Rule):
            plain.append({"rule": encode_rule(spec, expression, writer)})
        else:
            plain.append({expression.tag: encode(expression, writer, without=("id",))})
    return plain
