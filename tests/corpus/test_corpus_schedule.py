"""Pacemaker's own scheduler sees no difference between a CIB of its corpus and what a document made of it.

This takes a minute, so it is no unit test; `pytest tests/corpus` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib.xml import configuration_element, read_cib

_BESIDE = Path(__file__).parents[3] / "shared/corpus/scheduler"


def corpus() -> list[Path]:
    """Return the CIBs of PCS_OS_CORPUS, or of the folder beside the repository."""
    folder = Path(os.environ.get("PCS_OS_CORPUS", _BESIDE))
    return sorted(folder.glob("*.xml"))


def simulate(xml: bytes, path: Path) -> tuple[int, str]:
    """Return how crm_simulate ended and what it printed, scores included."""
    path.write_bytes(xml)
    done = subprocess.run(
        ["crm_simulate", "-S", "-s", "-x", path],
        capture_output=True,
        text=True,
        env={**os.environ, "TZ": "UTC"},
        timeout=60,
    )
    return done.returncode, done.stdout


def through_a_document(data: bytes) -> bytes:
    """Return the CIB with the configuration that a document of it says, and the status it had."""
    root = etree.fromstring(data)
    made = configuration_element(document.load(document.dump(read_cib(data))))
    root.replace(root.find("configuration"), made)
    return etree.tostring(root)


@pytest.mark.skipif(not corpus(), reason="the scheduler corpus is not beside the repository")
@pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")
def test_the_scheduler_sees_no_difference(tmp_path, record_property):
    def compare(path: Path) -> tuple[str, bool, bool]:
        data = path.read_bytes()
        before = simulate(data, tmp_path / f"{path.name}.before")
        after = simulate(through_a_document(data), tmp_path / f"{path.name}.after")
        # What this Pacemaker refuses (newer schemas) or crashes on, it must refuse all the same.
        return path.name, before[0] == 0, before[:1] == after[:1] if before[0] else before == after

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(compare, corpus()))
    refused = sum(not accepted for _, accepted, _ in results)
    record_property("refused_by_this_pacemaker", refused)
    assert [name for name, _, same in results if not same] == []
    assert refused < len(results) / 20
