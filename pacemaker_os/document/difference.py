"""Compare two elements and report differences with the keys of a document."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.meaning import known_names, meaning, without_defaults
from pacemaker_os.cib.nvsets import NvSet
from pacemaker_os.cib.resources import Operation
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.oneline.rule import format_rule


@dataclass(frozen=True, slots=True)
class Difference:
    """A path in an element (`params.ip`, `op.monitor.timeout`, `score`) with its old and its new value."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value of an element. Leaves of the same `key` describe the same value, even under another name."""

    key: str
    path: str
    text: str
    value: Hashable


def differences(old: Element | None, new: Element | None) -> tuple[Difference, ...]:
    """Return the differences in meaning, in document order; None stands for an absent element."""
    before, after = ({leaf.key: leaf for leaf in reversed(list(_leaves(side)))} for side in (old, new))
    found = []
    for key in [*reversed(before), *(key for key in reversed(after) if key not in before)]:
        was, now = before.get(key), after.get(key)
        if was is None or now is None or was.value != now.value:
            path = now.path if now else was.path if was else key
            found.append(Difference(path, was.text if was else None, now.text if now else None))
    return tuple(found)


def _leaves(element: Element | None, path: str = "") -> Iterator[_Leaf]:
    if element is None:
        return
    if isinstance(element, NvSet):
        yield from _pairs(element, path)
        return
    element = without_defaults(element)
    table = layout(type(element))
    for spec in table.attributes:
        value = getattr(element, spec.field)
        if value is None or spec.xml == "id" or spec.anonymous:
            continue
        normal = spec.kind.normal(value)
        if spec.default is None or normal != spec.kind.normal(spec.default):
            yield _Leaf(path + spec.key, path + spec.key, value, normal)
    for kind in table.children:
        value = getattr(element, kind.field)
        if not value:
            continue
        if kind.form == "nvsets":
            yield from _sets(value, path + kind.key)
        elif kind.form == "operations":
            yield from _leaves(value, path + "op.")
        elif kind.form == "rules" and len(value) == 1:
            yield from _only_rule(value[0], path)
        else:
            elements = value if kind.many else (value,)
            yield from _below(path, kind.key, elements, listed=kind.form == "named")
    for name, text in element.unknown_attributes:
        yield _Leaf(path + name, path + name, text, text)
    for xml in element.unknown_elements:
        yield _Leaf(path + xml, f"{path}unknown", xml, xml)


def _only_rule(rule: Rule, path: str) -> Iterator[_Leaf]:
    """Yield the leaves of a single rule: `where`, and the score and role of the enclosing object."""
    for spec in layout(Rule).attributes:
        value = getattr(rule, spec.field)
        if spec.field in ("role", "score", "score_attribute") and value is not None:
            shown = f"{path}where.role" if spec.field == "role" else path + spec.key
            yield _Leaf(f"{path}where.{spec.key}", shown, value, spec.kind.normal(value))
    expression = replace(rule, role=None, score=None, score_attribute=None)
    yield _Leaf(f"{path}where", f"{path}where", format_rule(rule), meaning(expression))


def _below(path: str, key: str, elements: Sequence[Element], *, listed: bool) -> Iterator[_Leaf]:
    """Descend into elements with a name; yield each other element as one leaf.

    The names of `listed` elements, such as the members of a group, are a leaf even if there is only one.
    """
    nameless = []
    names = tuple(name for element in elements if (name := _name(element)))
    if len(names) > (0 if listed else 1):
        # Report a change of the names or of their order.
        yield _Leaf(path + key, path + key, ", ".join(names), names)
    for element in elements:
        if isinstance(element, Operation):
            yield from _leaves(element, path + _operation_name(element))
        elif (name := _name(element)) and layout(type(element)).keys.keys() > {"id"}:
            yield from _leaves(element, f"{path}{name}.")
        else:
            nameless.append(element)
    if nameless:
        text = ", ".join(map(_text, nameless))
        yield _Leaf(path + key, path + key, text, tuple(map(meaning, nameless)))


def _operation_name(operation: Operation) -> str:
    role = f"({operation.role})" if operation.role else ""
    return f"{operation.name}{role}."


def _name(element: Element) -> str | None:
    spec = layout(type(element)).attribute_by_xml.get("id")
    if spec is None or spec.anonymous:
        return None if spec else element.tag
    name: str | None = getattr(element, spec.field)
    return name


def _text(element: Element) -> str:
    if isinstance(element, Rule):
        return format_rule(element)
    attributes = [
        (spec, value)
        for spec in layout(type(element)).attributes
        if not spec.anonymous and (value := getattr(element, spec.field)) is not None
    ]
    if len(attributes) == 1:
        return str(attributes[0][1])
    inner = [
        _text(child)
        for kind in layout(type(element)).children
        for child in (getattr(element, kind.field) if kind.many else ())
    ]
    return f"{{{', '.join([*inner, *(f'{spec.key}: {value}' for spec, value in attributes)])}}}"


def _sets(sets: tuple[NvSet, ...], path: str) -> Iterator[_Leaf]:
    """Yield `params.NAME` for a single set, and `params[NUMBER].NAME` for several."""
    for number, nvset in enumerate(sets, 1):
        yield from _pairs(nvset, f"{path}." if len(sets) == 1 else f"{path}[{number}].")


def _pairs(nvset: NvSet, path: str) -> Iterator[_Leaf]:
    vocabulary = known_names(nvset)
    for pair in nvset.nvpairs:
        if pair.id_ref is not None:
            yield _Leaf(f"{path}&{pair.id_ref}", f"{path}{pair.name or pair.id_ref}", pair.id_ref, pair.name)
        elif pair.name is not None and pair.value is not None:
            name = vocabulary.current(pair.name)
            yield _Leaf(path + name, path + pair.name, pair.value, vocabulary.normal(name, pair.value))
    if nvset.id_ref is not None:
        yield _Leaf(f"{path}&ref", f"{path}ref", nvset.id_ref, nvset.id_ref)
    if nvset.score is not None:
        yield _Leaf(f"{path}&score", f"{path}score", nvset.score, nvset.score)
    if nvset.rule is not None:
        yield _Leaf(f"{path}&where", f"{path}where", format_rule(nvset.rule), meaning(nvset.rule))
