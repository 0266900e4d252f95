"""Validation with Pacemaker's schemas, if they are installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib.relaxng.grammar import violations

GRAMMAR = Path("/usr/share/pacemaker/pacemaker-3.9.rng")
pytestmark = pytest.mark.skipif(not GRAMMAR.is_file(), reason="Pacemaker's schemas are not installed")
INTERFACE = Path(__file__).parents[2] / "cases/document/interface.cib.yaml"


def messages(text: str) -> list[tuple[int, str]]:
    found = violations(document.load(text), etree.RelaxNG(file=str(GRAMMAR)))
    return [(each.object.origin.line if each.object else 0, each.message) for each in found]


def test_valid_document_has_no_violations():
    assert messages(INTERFACE.read_text()) == []


def test_unknown_attribute_is_a_violation():
    found = messages(
        "resources:\n"
        "  a: {agent: 'systemd:a'}\n"
        "  b:\n    agent: systemd:b\n    unknown: {attributes: {colour: red}}\n"
    )
    assert found == [(3, "Invalid attribute colour for element primitive")]


def test_violation_is_reported_at_its_object():
    found = messages(
        "resources:\n"
        "  a: {agent: 'systemd:a'}\n"
        "  b: {agent: 'systemd:b'}\n"
        "  'a b': {agent: 'systemd:c'}\n"
        "acls:\n"
        "  roles:\n"
        "    good: {permissions: [{kind: read, xpath: /cib}]}\n"
        "    bad: {permissions: [{kind: read, xpath: /cib, attribute: x}]}\n"
        "order: [a then b]\n"
    )
    rule = "use letters, digits, '.', '-' and '_', and start with a letter"
    assert found == [
        (4, f"'a b' is not a valid id; {rule}"),
        (8, "<acl_role> has attributes or elements that cannot be used together"),
    ]


def test_references_to_external_ids_are_valid():
    text = (
        "uses: [c-clone, t, r, s, o]\n"
        "resources:\n"
        "  a: {template: t, params: [{ref: s}], operations: {ref: o}}\n"
        "order: [c-clone then a]\n"
        "colocation: [{sets: [[a, c-clone]]}]\n"
        "location: [c-clone on n1]\n"
        "tickets: [c-clone needs T]\n"
        "tags: {x: [c-clone, a]}\n"
        "fencing: {n1: [c-clone]}\n"
        "acls: {roles: {p: {permissions: [{kind: read, reference: c-clone}]}}, users: {u: [r, p]}}\n"
    )
    read = document.read([document.Source("a", text)])
    grammar = etree.RelaxNG(file=str(GRAMMAR))
    assert violations(read.cib, grammar, read.uses) == ()
    assert violations(read.cib, grammar) != ()
