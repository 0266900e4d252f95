"""Status in 80 columns and graph of every CIB in the corpus of Pacemaker's scheduler tests."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.render.graph.boxes import merged_boxes
from pacemaker_os.render.graph.dot import to_dot
from pacemaker_os.render.graph.model import draw
from pacemaker_os.render.status.screen import status_lines

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"
CORPUS = sorted(Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT)).glob("*.xml"))

#: Parts of lines that are never wrapped: commands, and names with their roles.
UNWRAPPED = (
    "crm_",
    "cibadmin ",
    "stonith_admin",
    " Started ",
    " Promoted ",
    " Unpromoted ",
    "Cluster ",
    "Stopped",
)


def render(path: Path) -> tuple[str, list[str], bool]:
    """Return the name of a CIB, its lines that are too wide, and whether its graph is complete."""
    target = Target(cib_file=str(path))
    cluster = connect(target)
    state = read_state(cluster)
    lines = [line.plain for line in status_lines(state, Target(), 80)]
    assert lines
    graph = draw(cluster.query().cib, state)
    found, _ = merged_boxes(graph)
    drawn = sorted(unit.id for box in found for unit in box.units)
    assert to_dot(graph).endswith("}\n")
    wide = [line for line in lines if len(line) > 80 and not any(word in line for word in UNWRAPPED)]
    return path.name, wide, drawn == sorted(unit.id for unit in graph.units)


@pytest.mark.skipif(not CORPUS, reason="the scheduler corpus is not available")
@pytest.mark.skipif(not shutil.which("crm_mon"), reason="crm_mon is not installed")
def test_corpus_status_and_graph_are_complete() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(render, CORPUS))
    assert [(name, wide) for name, wide, _ in results if wide] == []
    assert [name for name, _, complete in results if not complete] == []
