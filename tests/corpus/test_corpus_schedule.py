"""Pacemaker's scheduler treats a CIB of its tests and its round trip through a document alike.

This takes a minute, so it is not a unit test; `pytest tests/corpus` runs it.
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
from pacemaker_os.cib import Cib

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"


def corpus() -> list[Path]:
    """Return the CIBs of PCS_OS_CORPUS, or of the directory next to the repository."""
    directory = Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT))
    return sorted(directory.glob("*.xml"))


def simulate(xml: bytes, path: Path) -> tuple[int, str]:
    """Return the exit status and the output of crm_simulate, with scores."""
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
    """Return the CIB with its configuration after a round trip through a document, and with its status."""
    root = etree.fromstring(data)
    made = (document.load(document.dump(Cib.from_xml(data)))).to_element()
    root.replace(root.find("configuration"), made)
    return etree.tostring(root)


@pytest.mark.skipif(not corpus(), reason="the scheduler corpus is not available")
@pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")
def test_document_round_trip_does_not_change_schedule(tmp_path, record_property):
    def compare(path: Path) -> tuple[str, bool, bool]:
        data = path.read_bytes()
        before = simulate(data, tmp_path / f"{path.name}.before")
        after = simulate(through_a_document(data), tmp_path / f"{path.name}.after")
        # What this Pacemaker rejects (a newer schema) or crashes on must be rejected afterwards as well.
        return path.name, before[0] == 0, before[:1] == after[:1] if before[0] else before == after

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(compare, corpus()))
    refused = sum(not accepted for _, accepted, _ in results)
    record_property("refused_by_this_pacemaker", refused)
    assert [name for name, _, same in results if not same] == []
    assert refused < len(results) / 20
