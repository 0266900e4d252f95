"""Every CIB of Pacemaker's scheduler tests keeps its meaning through a document."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import is_empty, meaning

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"


def corpus() -> list[Path]:
    """Return the CIBs of PCS_OS_CORPUS, or of the directory next to the repository."""
    directory = Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT))
    return sorted(directory.glob("*.xml"))


def meanings(cib: Cib) -> Counter:
    return Counter(meaning(element) for element in cib.objects() if not is_empty(element))


@pytest.mark.skipif(not corpus(), reason="the scheduler corpus is not available")
def test_corpus_round_trip_keeps_meaning():
    different = []
    for path in corpus():
        cib = Cib.from_xml(path.read_bytes())
        text = document.dump(cib)
        again = document.load(text)
        if meanings(again) != meanings(cib) or document.dump(Cib.from_xml(again.to_xml())) != document.dump(
            again
        ):
            different.append(path.name)
    assert different == []
