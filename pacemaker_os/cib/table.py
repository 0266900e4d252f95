"""The words in which the model is declared: what each dataclass field is in XML and in a document.

A field is declared by one of the functions here, and everything else (reading and writing XML,
document keys, the JSON Schema, what is compared) follows from what they leave in its metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from pacemaker_os.cib.values import ID, IDREF, TEXT, Kind

if TYPE_CHECKING:
    from pacemaker_os.cib.element import Element

_KEY = "cib"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An XML attribute. `default` is what Pacemaker takes when it is absent; `key` is its document word.

    An attribute that is `anonymous` says nothing by itself: an id that people do not use. One that `refers`
    holds the id of another element.
    """

    field: str
    xml: str
    key: str
    kind: Kind
    default: str | None = None
    anonymous: bool = False
    refers: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Children:
    """Child elements of the given `classes`; `form` names the document room's way to write them."""

    field: str
    classes: tuple[type[Element], ...]
    key: str
    form: str
    many: bool
    ordered: bool
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What a class of elements is made of, in order of declaration."""

    attributes: tuple[Attribute, ...]
    children: tuple[Children, ...]
    attribute_by_xml: dict[str, Attribute]
    child_by_xml: dict[str, tuple[Children, type[Element]]]
    keys: dict[str, Attribute | Children]


def attr(
    kind: Kind = TEXT,
    *,
    xml: str | None = None,
    key: str | None = None,
    default: str | None = None,
    required: bool = False,
) -> Any:
    """Declare an XML attribute; its names follow the field's (with - for _) unless said."""
    return _declare(
        None, lambda name: _attribute(name, kind, xml=xml, key=key, default=default, required=required)
    )


def identifier(kind: Kind = ID) -> Any:
    """Declare the id by which people call the thing."""
    return _declare(None, lambda name: Attribute(name, "id", "id", kind))


def member_id(kind: Kind) -> Any:
    """Declare an `id` that is the id of another element."""
    return _declare(None, lambda name: Attribute(name, "id", "id", kind, refers=True))


def generated_id() -> Any:
    """Declare an id that nobody calls the thing by; it is not part of what the thing means."""
    return _declare(None, lambda name: Attribute(name, "id", "id", ID, anonymous=True))


def reference() -> Any:
    """Declare the `id-ref` that stands for another element's content."""
    return _declare(None, lambda name: Attribute(name, "id-ref", "ref", IDREF))


def child(*classes: type[Element], key: str, form: str = "object") -> Any:
    """Declare at most one child element of one of the `classes`."""
    return _declare(None, lambda name: Children(name, classes, key, form, many=False, ordered=True))


def children(
    *classes: type[Element] | Callable[[], type[Element]],
    key: str,
    form: str = "list",
    ordered: bool = True,
    section: str | None = None,
) -> Any:
    """Declare any number of children; a class that does not exist yet is given by a function.

    `ordered` tells whether their order means something; `section` is an element around them.
    """

    def made(name: str) -> Children:
        known = tuple(c if isinstance(c, type) else c() for c in classes)
        return Children(name, known, key, form, many=True, ordered=ordered, section=section)

    return _declare((), made)


def layout(cls: type[Element]) -> Layout:
    """Return what `cls` is made of."""
    found = _LAYOUTS.get(cls)
    if found is None:
        found = _LAYOUTS[cls] = _layout(cls)
    return found


_LAYOUTS: dict[type[Element], Layout] = {}


def _layout(cls: type[Element]) -> Layout:
    made = [f.metadata[_KEY](f.name) for f in fields(cls) if _KEY in f.metadata]
    attributes = tuple(spec for spec in made if isinstance(spec, Attribute))
    kids = tuple(spec for spec in made if isinstance(spec, Children))
    return Layout(
        attributes=attributes,
        children=kids,
        attribute_by_xml={spec.xml: spec for spec in attributes},
        child_by_xml={c.tag: (spec, c) for spec in kids if not spec.section for c in spec.classes},
        keys={spec.key: spec for spec in made},
    )


def _attribute(name: str, kind: Kind, *, xml: str | None, key: str | None, **rest: Any) -> Attribute:
    xml = xml or name.replace("_", "-")
    return Attribute(name, xml, key or xml, kind, **rest)


def _declare(default: object, made: Callable[[str], Attribute | Children]) -> Any:
    return field(default=default, metadata={_KEY: made})
