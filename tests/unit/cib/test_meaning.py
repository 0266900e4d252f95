"""Elements have the same meaning if Pacemaker treats them the same, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.document.difference import differences

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/cib/meaning.yaml").read_text())


def parse(section: str, xml: str):
    (element,) = Cib.from_xml(f"<configuration><{section}>{xml}</{section}></configuration>").objects()
    return element


@pytest.mark.parametrize("case", CASES["same"], ids=lambda case: case["why"])
def test_equal_elements_have_same_meaning(case):
    old, new = (parse(case["section"], case[side]) for side in ("old", "new"))
    assert meaning(old) == meaning(new)
    assert hash(meaning(old)) == hash(meaning(new))
    assert differences(old, new) == ()


@pytest.mark.parametrize("case", CASES["different"], ids=lambda case: case["why"])
def test_different_elements_have_different_meaning(case):
    old, new = (parse(case["section"], case[side]) for side in ("old", "new"))
    assert meaning(old) != meaning(new)
    found = [[d.path, d.old, d.new] for d in differences(old, new)]
    assert found == case["differences"]
