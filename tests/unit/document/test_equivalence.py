"""Documents and their XML, compared verbatim in both directions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pacemaker_os import document
from pacemaker_os.cib import Cib

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/document/same.yaml").read_text())


def cib_of(case) -> Cib:
    return Cib.from_xml(f"<configuration>{re.sub('> +<', '><', case['xml'])}</configuration>")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_load_document_renders_expected_xml(case):
    assert document.load(case["document"]).to_xml() == cib_of(case).to_xml()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_dump_xml_writes_expected_document(case):
    # to_xml generates ids, which dump must omit.
    cib = Cib.from_xml(cib_of(case).to_xml())
    expected = case.get("written") or re.sub(r"\n(?=[a-z]+:)(?!\n)", "\n", case["document"])
    assert re.sub(r"\n\n", "\n", document.dump(cib)) == re.sub(r"\n\n", "\n", expected)
