"""The shipped documents are valid."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib.relaxng.grammar import violations
from pacemaker_os.document import Source
from pacemaker_os.document.checks.check import check

SHIPPED = sorted((Path(__file__).parents[3] / "cib").glob("*.cib.yaml"))
GRAMMAR = Path("/usr/share/pacemaker/pacemaker-3.9.rng")
shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)


def read(path: Path) -> document.Document:
    return document.read([Source(path.name, path.read_text())])


@shipped
def test_shipped_document_has_no_problems(path):
    assert [finding for finding in check(read(path).cib) if not finding.is_warning] == []


@shipped
@pytest.mark.skipif(not GRAMMAR.is_file(), reason="Pacemaker's schemas are not installed")
def test_shipped_document_conforms_to_pacemaker_schema(path):
    assert violations(read(path).cib, etree.RelaxNG(file=str(GRAMMAR))) == ()


@shipped
def test_shipped_document_keeps_secrets_out_of_cib(path):
    found = read(path)
    for use in found.secrets:
        assert use.secret
    assert found.cib.to_xml().count('value="lrm://"') == len(found.secrets)
