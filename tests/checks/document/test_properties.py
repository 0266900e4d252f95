"""Arbitrary CIBs survive XML and documents; arbitrary texts load or report problems."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from cibs import cibs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import is_empty, meaning
from pacemaker_os.cib.relaxng.grammar import violations
from pacemaker_os.document import DocumentError

GRAMMAR = Path("/usr/share/pacemaker/pacemaker-3.9.rng")
ROOT = Path(__file__).parents[3]
SEEDS = [path.read_text() for path in sorted((ROOT / "cib").glob("*.cib.yaml"))] + [
    (ROOT / "tests/cases/document/interface.cib.yaml").read_text()
]
relaxed = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)


def meanings(cib: Cib) -> Counter:
    return Counter(meaning(element) for element in cib.objects() if not is_empty(element))


@given(cibs())
@relaxed
def test_xml_round_trip_is_lossless(cib):
    named = cib.with_ids()
    assert Cib.from_xml(cib.to_xml()) == replace(named, attributes=())
    assert named.with_ids() == named


@given(cibs())
@relaxed
def test_document_round_trip_keeps_meaning(cib):
    text = document.dump(cib)
    again = document.load(text)
    assert meanings(again) == meanings(cib)
    assert document.dump(Cib.from_xml(again.to_xml())) == document.dump(again)


@pytest.mark.skipif(not GRAMMAR.is_file(), reason="Pacemaker's schemas are not installed")
@given(cibs())
@settings(relaxed, max_examples=15)
def test_drawn_cib_conforms_to_pacemaker_schema(cib):
    assert violations(cib, etree.RelaxNG(file=str(GRAMMAR))) == ()


@given(st.data())
@settings(relaxed, max_examples=60)
def test_load_randomly_changed_document_loads_or_reports_problems(data):
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(at + 12, len(text))))
        inserted = data.draw(
            st.text(max_size=4)
            | st.sampled_from(["\t", "{", "[", "]", ": ", "&a ", "*a", "!x ", "- ", "${", "'"])
        )
        text = text[:at] + inserted + text[end:]
    try:
        cib = document.load(text)
    except DocumentError as error:
        assert all(problem.line >= 1 and problem.message for problem in error.problems)
    else:
        assert meanings(document.load(document.dump(cib))) == meanings(cib)
