"""Deeply nested rules: an export can be read again, and deeper ones are rejected without a traceback."""

from __future__ import annotations

import pytest

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.parser import MAX_DEPTH, CibError
from pacemaker_os.document import DocumentError

#: The depth of an expression in a single rule of a location constraint.
SINGLE = 6


def xml(rules: int) -> str:
    inner = '<expression id="e" attribute="x" operation="eq" value="1"/>'
    for number in range(rules):
        inner = f'<rule id="r{number}">{inner}</rule>'
    return (
        '<cib><configuration><resources><primitive id="a" class="lsb" type="x"/></resources>'
        f'<constraints><rsc_location id="l" rsc="a">{inner}</rsc_location></constraints>'
        "</configuration></cib>"
    )


@pytest.mark.parametrize("rules", [1, 24, 31, MAX_DEPTH - SINGLE + 1])
def test_export_of_deep_rule_can_be_loaded(rules):
    cib = Cib.from_xml(xml(rules))
    again = document.load(document.dump(cib))
    assert [meaning(each) for each in again.objects()] == [meaning(each) for each in cib.objects()]


@pytest.mark.parametrize("rules", [MAX_DEPTH - SINGLE + 2, 240, 2000, 20_000])
def test_from_xml_rejects_rules_that_are_too_deep(rules):
    with pytest.raises(CibError):
        Cib.from_xml(xml(rules))


@pytest.mark.parametrize("rules", [60, 240, 10_000])
def test_load_rejects_long_forms_that_are_too_deep(rules):
    rule = "{expressions: [{rule: " * rules + "{where: x eq 1}" + "}]}" * rules
    text = f"resources: {{a: {{agent: 'lsb:x'}}}}\nlocation: [{{resource: a, rules: [{rule}]}}]\n"
    with pytest.raises(DocumentError, match="nested more than"):
        document.load(text)


def test_load_rejects_lines_and_long_forms_that_are_too_deep_together():
    line = "x eq 1"
    for joint in ("and", "or") * 15:
        line = f"({line} {joint} x eq 1)"
    rule = f"{{where: '{line}'}}"
    for _ in range(50):
        rule = f"{{expressions: [{{rule: {rule}}}]}}"
    text = f"resources: {{a: {{agent: 'lsb:x'}}}}\nlocation: [{{resource: a, rules: [{rule}]}}]\n"
    with pytest.raises(DocumentError, match="nested more than"):
        document.load(text)
