"""What refers to what: names that lead nowhere, and ids that are there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.resources import Operations, Primitive, Template
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import ID, RESOURCE
from pacemaker_os.document.problems import Problems, hint

_START = Origin("document", 1, 1)


def check_references(cib: Cib, uses: Iterable[str], problems: Problems) -> None:
    """Note dangling and doubled ids; `uses` are names of what other documents or the cluster hold."""
    _Check(cib, frozenset(uses), problems).run()


class _Check:
    def __init__(self, cib: Cib, uses: frozenset[str], problems: Problems) -> None:
        self._cib, self._uses, self._problems = cib, uses, problems
        self._resources = [each.id for each in _walk(cib.resources) if each.section == "resources"]  # type: ignore[attr-defined]
        self._named = {*self._resources, *(tag.id for tag in cib.tags), *uses}

    def run(self) -> None:
        self._duplicates()
        for element, origin in _places(self._cib.constraints, _START):
            for spec in layout(type(element)).attributes:
                if spec.kind is RESOURCE and (name := getattr(element, spec.field)) is not None:
                    self._resource(name, origin)
        by_id: dict[tuple[type[Element], str], Element] = {}
        for element, _ in _places(self._cib.objects(), _START):
            if (name := getattr(element, "id", None)) is not None:
                by_id[type(element), name] = element
        templates = {each.id for each in self._cib.resources if isinstance(each, Template)}
        primitives = {
            each.id for each in _walk(self._cib.resources) if isinstance(each, Primitive | Template)
        }
        roles = {each.id for each in self._cib.acls if each.tag == "acl_role"}  # type: ignore[attr-defined]
        for element, origin in _places(self._cib.objects(), _START):
            if isinstance(element, Primitive) and element.template is not None:
                self._known(element.template, templates, "template", origin)
            elif element.tag == "role":
                self._known(getattr(element, "id", ""), roles, "ACL role", origin)
            target = getattr(element, "id_ref", None)
            if target is None or target in self._uses:
                continue
            if isinstance(element, Operations):
                ids = {each.id for each in _walk(self._cib.resources) if isinstance(each, Operations)}
                self._known(target, ids | primitives, "operations element", origin)
            else:
                known = {name for kind, name in by_id if kind is type(element)}
                self._known(target, known, f"{element.tag} with the id", origin)

    def _duplicates(self) -> None:
        seen: dict[str, Origin] = {}
        for element, origin in _places(self._cib.objects(), _START):
            for spec in layout(type(element)).attributes:
                name = getattr(element, spec.field)
                if spec.kind is not ID or name is None:
                    continue
                if name in seen:
                    said = (
                        f"the id '{name}' is already used on line {seen[name].line}; every id must be unique"
                    )
                    self._problems.add(origin, said, "duplicate-id")
                seen[name] = origin

    def _resource(self, name: str, origin: Origin) -> None:
        if name not in self._named:
            known = [each for each in self._named if each]
            near = hint(name, known) or "; say `uses: [...]` for what another document holds"
            self._problems.add(origin, f"there is no resource '{name}'{near}", "dangling")

    def _known(self, name: str, known: Iterable[str | None], what: str, origin: Origin) -> None:
        names = [each for each in known if each]
        if name not in names and name not in self._uses:
            self._problems.add(origin, f"there is no {what} '{name}'{hint(name, names)}", "dangling")


def _places(elements: Iterable[Element], origin: Origin) -> Iterator[tuple[Element, Origin]]:
    """Yield every element with its own place, or its owner's."""
    for element in elements:
        here = element.origin or origin
        yield element, here
        for kind in layout(type(element)).children:
            value = getattr(element, kind.field)
            if value:
                yield from _places(value if kind.many else (value,), here)


def _walk(elements: Iterable[Element]) -> Iterator[Element]:
    return (element for element, _ in _places(elements, _START))
