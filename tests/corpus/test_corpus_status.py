"""Every CIB of Pacemaker's own corpus, failures and all, is a status in 80 columns, and a picture."""

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

_BESIDE = Path(__file__).parents[3] / "shared/corpus/scheduler"
CORPUS = sorted(Path(os.environ.get("PCS_OS_CORPUS", _BESIDE)).glob("*.xml"))

#: What is never broken, however long: commands, which people copy, and names with their roles.
WHOLE = ("crm_", "stonith_admin", " Started ", " Promoted ", " Unpromoted ", "Cluster ", "Stopped")


def shown(path: Path) -> tuple[str, list[str], bool]:
    """The name of a CIB, its lines that are too wide, and whether its picture has every service."""
    target = Target(cib_file=str(path))
    cluster = connect(target)
    seen = read_state(cluster)
    lines = [line.plain for line in status_lines(seen, Target(), 80)]
    assert lines
    graph = draw(cluster.query().cib, seen)
    found, _ = merged_boxes(graph)
    drawn = sorted(unit.id for box in found for unit in box.units)
    assert to_dot(graph).endswith("}\n")
    wide = [line for line in lines if len(line) > 80 and not any(word in line for word in WHOLE)]
    return path.name, wide, drawn == sorted(unit.id for unit in graph.units)


@pytest.mark.skipif(not CORPUS, reason="the scheduler corpus is not beside the repository")
@pytest.mark.skipif(not shutil.which("crm_mon"), reason="crm_mon is not installed")
def test_every_cib_is_shown() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(shown, CORPUS))
    assert [(name, wide) for name, wide, _ in results if wide] == []
    assert [name for name, _, whole in results if not whole] == []
