"""Functions that declare the fields of the model: the meaning of each field in XML and in a document.

They store the declaration in the metadata of the dataclass field. Reading and writing XML, document keys, the
JSON Schema and comparison are derived from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields
from typing import TYPE_CHECKING, Any

from pacemaker_os.cib.values import ID, IDREF, TEXT, Kind
from pacemaker_os.dataclass import dataclass

if TYPE_CHECKING:
    from pacemaker_os.cib.element import Element

_KEY = "cib"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An XML attribute. `default` is its value for Pacemaker if it is absent. `key` is its name in documents.

    An `anonymous` attribute is a generated id without a meaning. An attribute that `refers` holds the id of
    another element.
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
    """Child elements of these `classes`. `form` is the name of their form in documents."""

    field: str
    classes: tuple[type[Element], ...]
    key: str
    form: str
    many: bool
    ordered: bool
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The attributes and children of a class of elements, in the order of their declaration."""

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
    """Declare an XML attribute. Its default names are that of the field, with - instead of _."""
    return _declare(
        None, lambda name: _attribute(name, kind, xml=xml, key=key, default=default, required=required)
    )


def identifier(kind: Kind = ID) -> Any:
    """Declare an id that people use."""
    return _declare(None, lambda name: Attribute(name, "id", "id", kind))


def member_id(kind: Kind) -> Any:
    """Declare an `id` that is the id of another element."""
    return _declare(None, lambda name: Attribute(name, "id", "id", kind, refers=True))


def generated_id() -> Any:
    """Declare a generated id, which is not part of the meaning of the element."""
    return _declare(None, lambda name: Attribute(name, "id", "id", ID, anonymous=True))


def reference() -> Any:
    """Declare an `id-ref`, which refers to the content of another element."""
    return _declare(None, lambda name: Attribute(name, "id-ref", "ref", IDREF))


def child(*classes: type[Element], key: str, form: str = "object") -> Any:
    """Declare an optional child element of one of the `classes`."""
    return _declare(None, lambda name: Children(name, classes, key, form, many=False, ordered=True))


def children(
    *classes: type[Element] | Callable[[], type[Element]],
    key: str,
    form: str = "list",
    ordered: bool = True,
    section: str | None = None,
) -> Any:
    """Declare any number of child elements. A function can return a class that is defined later.

    `ordered` is True if their order has a meaning. `section` is the tag of an element that contains them.
    """

    def declare(name: str) -> Children:
        known = tuple(c if isinstance(c, type) else c() for c in classes)
        return Children(name, known, key, form, many=True, ordered=ordered, section=section)

    return _declare((), declare)


def layout(cls: type[Element]) -> Layout:
    """Return the attributes and children of `cls`."""
    found = _LAYOUTS.get(cls)
    if found is None:
        found = _LAYOUTS[cls] = _layout(cls)
    return found


_LAYOUTS: dict[type[Element], Layout] = {}


def _layout(cls: type[Element]) -> Layout:
    specs = [f.metadata[_KEY](f.name) for f in fields(cls) if _KEY in f.metadata]
    attributes = tuple(spec for spec in specs if isinstance(spec, Attribute))
    child_specs = tuple(spec for spec in specs if isinstance(spec, Children))
    return Layout(
        attributes=attributes,
        children=child_specs,
        attribute_by_xml={spec.xml: spec for spec in attributes},
        child_by_xml={c.tag: (spec, c) for spec in child_specs if not spec.section for c in spec.classes},
        keys={spec.key: spec for spec in specs},
    )


def _attribute(name: str, kind: Kind, *, xml: str | None, key: str | None, **rest: Any) -> Attribute:
    xml = xml or name.replace("_", "-")
    return Attribute(name, xml, key or xml, kind, **rest)


def _declare(default: object, declare: Callable[[str], Attribute | Children]) -> Any:
    return field(default=default, metadata={_KEY: declare})
