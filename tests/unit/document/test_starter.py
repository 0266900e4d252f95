"""The document that `pcs-os init` creates."""

from __future__ import annotations

from pacemaker_os import document
from pacemaker_os.document.checks.check import check
from pacemaker_os.document.starter import starter_document


def test_starter_document_is_valid():
    text = starter_document("web.cib.yaml", "web")
    read = document.read([document.Source("web.cib.yaml", text)])
    assert read.name == "web"
    assert check(read.cib) == []
    assert "pcs-os plan web.cib.yaml" in text
