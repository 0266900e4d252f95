"""check --survive: proofs, and counterexamples planted in broken copies."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

GOOD = """
nodes:
  n[1-3]: {rack: left}
resources:
  fence:
    agent: stonith:fence_ipmilan
    params: {ip: 10.0.0.9}
  db:
    agent: ocf:pacemaker:Stateful
    promotable: {promoted-max: 1}
  web:
    agent: ocf:pacemaker:Dummy
  lb:
    agent: ocf:pacemaker:Dummy
    clone: {interleave: true}
order:
  - lb then web
colocation:
  - web with lb
"""

#: What is broken in a copy, and the (service, what, part of why) that must be found.
BROKEN = {
    "a resource pinned to one node": (
        GOOD + "location: ['web on n1 (INFINITY)', 'web avoids n2', 'web avoids n3']\n",
        ("web", "does not run", "location-web-n1-INFINITY"),
    ),
    "an order on something that is pinned": (
        GOOD + "  - only with lb\nlocation: ['only avoids n2', 'only avoids n3']\n",
        ("only", "does not run", "location-only-n2"),
    ),
    "quorum of two of two": (GOOD.replace("n[1-3]", "n[1-2]"), ("web", "does not run", "1 of 2 nodes")),
    "fencing of one node only": (
        GOOD.replace("{ip: 10.0.0.9}", "{ip: 10.0.0.9, pcmk_host_list: n1}"),
        ("n2", "cannot be fenced", "no fencing device"),
    ),
    "a promoted role that may only be in one place": (
        GOOD + "location: [{resource: db, role: Promoted, node: n2, score: -INFINITY}, "
        "{resource: db, role: Promoted, node: n3, score: -INFINITY}]\n",
        ("db", "is promoted nowhere", "location-db"),
    ),
}
BROKEN["an order on something that is pinned"] = (
    BROKEN["an order on something that is pinned"][0].replace(
        "  lb:\n", "  only:\n    agent: ocf:pacemaker:Dummy\n  lb:\n"
    ),
    BROKEN["an order on something that is pinned"][1],
)


def check(folder: Path, text: str, *words: str, status: int) -> dict[str, Any]:
    (folder / "site.cib.yaml").write_text(text)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pacemaker_os",
            "check",
            "--json",
            "--cib-file",
            "cib.xml",
            "site.cib.yaml",
            *words,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == status, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_good_document_is_proven(tmp_path: Path) -> None:
    found = check(tmp_path, GOOD, status=0)
    assert (found["proven"], found["losses"], found["idle"]) == (True, 3, [])
    assert not (tmp_path / "cib.xml").exists()


@pytest.mark.parametrize("name", BROKEN)
def test_counterexample_is_found(tmp_path: Path, name: str) -> None:
    text, (service, what, why) = BROKEN[name]
    found = check(tmp_path, text, status=5)
    casualties = [casualty for outcome in found["outcomes"] for casualty in outcome["casualties"]]
    assert any(
        (each["service"], each["what"]) == (service, what) and why in each["why"] for each in casualties
    ), casualties


def test_alike_losses_are_asked_once(tmp_path: Path) -> None:
    text = (
        GOOD.split("  db:")[0].replace("n[1-3]", "n[1-9]") + GOOD[GOOD.index("  lb:") : GOOD.index("order:")]
    )
    found = check(tmp_path, text, "--survive", "2", status=0)
    assert found["losses"] == 36
    assert len(found["outcomes"]) <= 3


def test_more_nodes_than_there_are(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD, "--survive", "3", status=1)["error"] == "too-many-lost"
