"""The first document is good as it is."""

from __future__ import annotations

from pacemaker_os import document
from pacemaker_os.document.checks import check
from pacemaker_os.document.first import first_document


def test_the_first_document_is_good():
    text = first_document("web.cib.yaml", "web")
    read = document.read([document.Source("web.cib.yaml", text)])
    assert read.name == "web"
    assert check(read.cib) == []
    assert "pcs-os plan web.cib.yaml" in text
