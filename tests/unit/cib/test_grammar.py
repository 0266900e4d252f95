"""Validation with Pacemaker's schemas, if they are installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib.grammar import violations

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
