"""An apply to a CIB file that ends at any of its operations: a true history and an exact rollback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import killed_applies
import pytest

FIRST = """
name: app
resources: {a: {agent: 'ocf:pacemaker:Dummy'}}
"""

SECOND = """
name: app
properties: {no-quorum-policy: stop}
resources:
  a: {agent: 'ocf:pacemaker:Dummy', params: {fake: x}}
  b: {agent: 'ocf:pacemaker:Dummy'}
order: [a then b]
"""


def kills(directory: Path, name: str) -> list[dict[str, Any]]:
    """Return the results of an apply that got the signal at each operation in turn."""
    first, second = directory / "first.cib.yaml", directory / "second.cib.yaml"
    first.write_text(FIRST)
    second.write_text(SECOND)
    line = [sys.executable, killed_applies.__file__, str(directory), str(first), str(second), name]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=True)
    return [json.loads(text) for text in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_apply_that_ends_at_any_operation_is_recorded_and_rolled_back_exactly(
    tmp_path: Path, name: str
) -> None:
    results = kills(tmp_path, name)
    assert {result["written"] for result in results} == {False, True}
    assert len(results) > 20
    for result in results:
        states = result["states"]
        if result["written"]:
            assert states in (["unfinished"], ["interrupted"], ["done"]), result
        else:
            assert states in ([], ["not-written"]), result
        # A rollback takes back the newest change: the interrupted one if it was written, else the one before.
        assert result["reverts_new"] == result["restored"] == result["written"], result
        assert (result["statuses"], result["redone"]) == ([0, 0], True), result
        assert not any(result["unrecorded"]), result
    if name == "SIGTERM":
        assert all(result["ended"] in (0, 143, 200) for result in results), results


@pytest.mark.parametrize("option", ["--json", "--color=never"])
def test_apply_finishes_after_the_reader_of_its_output_ended(tmp_path: Path, option: str) -> None:
    document, cib = tmp_path / "first.cib.yaml", tmp_path / "cib.xml"
    document.write_text(FIRST)
    line = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", "--skip-agent-checks", option]
    child = subprocess.Popen(
        [*line, "--cib-file", str(cib), str(document)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.close()
    assert child.wait(timeout=120) == 0
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()
    assert 'id="a"' in cib.read_text()
    records = [json.loads(path.read_text()) for path in (tmp_path / "cib.xml.history").iterdir()]
    assert [record["progress"] for record in records] == ["done"]
