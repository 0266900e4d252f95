"""Check a document with one of Pacemaker's RelaxNG schemas, in terms of the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.relaxng.features import features_after
from pacemaker_os.cib.relaxng.grammar import violations
from pacemaker_os.cib.schema import version
from pacemaker_os.cib.table import layout
from pacemaker_os.document.checks.finding import START, LintFinding


def check_grammar(
    cib: Cib,
    grammar: etree.RelaxNG,
    schema: str,
    uses: Iterable[str] = (),
    earlier: Iterable[LintFinding] = (),
) -> list[LintFinding]:
    """Return what the schema `schema` does not allow; `grammar` is the schema of a whole <cib>.

    `uses` are ids that other documents define. An object with a problem among the `earlier` findings is not
    reported again.
    """
    reported = {each.origin for each in earlier if not each.is_warning}
    found = []
    number = version(cib.validate_with)
    for feature in features_after(number, cib.objects()) if number else ():
        origin = feature.element.origin or cib.origin or START
        message = f"{feature.name} requires schema {feature.schema}, and the document names {schema}"
        found.append(LintFinding(origin, message, "grammar"))
        reported.add(origin)
    for violation in violations(cib, grammar, uses):
        if violation.object is not None and not reported.isdisjoint(_origins(violation.object)):
            continue
        origin = (violation.object.origin if violation.object else None) or cib.origin or START
        message = f"not allowed by schema {schema}: {violation.message}"
        found.append(LintFinding(origin, message, "grammar"))
    return found


def _origins(element: Element) -> Iterator[Origin]:
    if element.origin is not None:
        yield element.origin
    for kind in layout(type(element)).children:
        inner = getattr(element, kind.field)
        for child in inner if kind.many else (inner,) if inner is not None else ():
            yield from _origins(child)
