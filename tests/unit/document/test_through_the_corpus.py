"""Every CIB of Pacemaker's scheduler corpus goes through a document and means the same afterwards."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import meaning, says_nothing
from pacemaker_os.cib.xml import read_cib, to_xml

_BESIDE = Path(__file__).parents[4] / "shared/corpus/scheduler"


def corpus() -> list[Path]:
    """Return the CIBs of PCS_OS_CORPUS, or of the folder beside the repository."""
    folder = Path(os.environ.get("PCS_OS_CORPUS", _BESIDE))
    return sorted(folder.glob("*.xml"))


def meanings(cib: Cib) -> Counter:
    return Counter(meaning(element) for element in cib.objects() if not says_nothing(element))


@pytest.mark.skipif(not corpus(), reason="the scheduler corpus is not beside the repository")
def test_all_of_them():
    different = []
    for path in corpus():
        cib = read_cib(path.read_bytes())
        text = document.dump(cib)
        again = document.load(text)
        if meanings(again) != meanings(cib) or document.dump(read_cib(to_xml(again))) != document.dump(again):
            different.append(path.name)
    assert different == []
