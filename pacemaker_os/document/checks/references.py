"""Check references: unknown names and duplicate ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.administration import AclRole, RoleRef
from pacemaker_os.cib.parser import MAX_DEPTH
from pacemaker_os.cib.resources import Operations, Primitive, Template
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import ID, RESOURCE
from pacemaker_os.document.problems import Problems
from pacemaker_os.text import did_you_mean

_START = Origin("document", 1, 1)
#: The depth of an object in a CIB, below <cib>, <configuration> and its section.
_OBJECT_DEPTH = 4


def check_references(cib: Cib, uses: Iterable[str], problems: Problems) -> None:
    """Add a problem for each unknown name and duplicate id.

    `uses` are names that other documents or the cluster define.
    """
    _Check(cib, frozenset(uses), problems).run()


class _Check:
    """All ids and references of a CIB, collected in one walk."""

    def __init__(self, cib: Cib, uses: frozenset[str], problems: Problems) -> None:
        self._uses, self._problems = uses, problems
        self._ids: dict[type[Element], dict[str, None]] = {}
        #: The kind of object that is referred to, its name, and the position of the reference.
        self._references: list[tuple[str, str, Origin]] = []
        self._resources: dict[str, None] = dict.fromkeys(uses)
        self._seen: dict[str, Origin] = {}
        self._walk(cib.objects(), _START, _OBJECT_DEPTH)

    def run(self) -> None:
        known = {
            "resource": self._resources,
            "template": self._ids.get(Template, {}),
            "ACL role": self._ids.get(AclRole, {}),
            # A resource can reuse the operations of another one by the id of that resource.
            Operations.tag: {
                **self._ids.get(Operations, {}),
                **self._ids.get(Primitive, {}),
                **self._ids.get(Template, {}),
            },
        }
        by_tag: dict[str, dict[str, None]] = {}
        for cls, ids in self._ids.items():
            by_tag.setdefault(cls.tag, {}).update(ids)
        for kind, name, origin in self._references:
            names = known[kind] if kind in known else by_tag.get(kind, {})
            if name not in names and name not in self._uses:
                self._dangling(kind, name, names, origin)

    def _walk(self, elements: Iterable[Any], origin: Origin, depth: int) -> None:
        for element in elements:
            position = element.origin or origin
            if depth > MAX_DEPTH:
                message = f"elements are nested more than {MAX_DEPTH} levels deep; simplify the rules"
                self._problems.add(position, message, "too-deep")
                return
            table = layout(type(element))
            for spec in table.attributes:
                value = getattr(element, spec.field)
                if value is None:
                    continue
                if spec.xml == "id":
                    self._id(element, value, spec.kind is ID, position)
                if spec.kind is RESOURCE:
                    self._references.append(("resource", value, position))
                elif spec.xml == "id-ref":
                    self._references.append((element.tag, value, position))
                elif spec.field == "template":
                    self._references.append(("template", value, position))
            for kind in table.children:
                value = getattr(element, kind.field)
                if value:
                    self._walk(value if kind.many else (value,), position, depth + 1)

    def _id(self, element: Element, name: str, unique: bool, position: Origin) -> None:
        self._ids.setdefault(type(element), {})[name] = None
        if element.section in ("resources", "tags"):
            self._resources[name] = None
        if isinstance(element, RoleRef):
            self._references.append(("ACL role", name, position))
        if not unique:
            return
        if name in self._seen:
            line = self._seen[name].line
            message = f"duplicate id '{name}' (first used on line {line})"
            self._problems.add(position, message, "duplicate-id")
        self._seen[name] = position

    def _dangling(self, kind: str, name: str, names: Iterable[str], origin: Origin) -> None:
        remedy = did_you_mean(name, names)
        if kind == "resource":
            remedy = remedy or "; if another document defines it, list it under `uses`"
        noun = kind if kind in ("resource", "template", "ACL role") else f"{kind} id"
        self._problems.add(origin, f"unknown {noun} '{name}'{remedy}", "dangling")
