"""The conformance test: the tutorial's agent passes it, faulty agents do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pacemaker_os.ocf.conformance import problems

ROOT = Path(__file__).parents[3]
TUTORIAL = ROOT / "docs" / "write-an-agent.md"


def executable(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def tutorial() -> str:
    code = re.search(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    assert code
    return code[1].replace("/usr/lib/pacemaker-os/current", str(ROOT))


def test_problems_tutorial_agent_has_none(tmp_path: Path) -> None:
    lamp = executable(tmp_path / "lamp", tutorial().replace("/run/lamp", str(tmp_path / "lit")))
    assert list(problems(lamp, str(tmp_path))) == []


def test_tutorial_agent_is_short() -> None:
    lines = [line for line in tutorial().splitlines() if line.strip()]
    assert len(lines) <= 30


METADATA = """<?xml version="1.0"?><resource-agent name="x"><version>1.1</version>
<parameters><parameter name="p">
<longdesc lang="en"/><shortdesc lang="en"/><content type="string"/>
</parameter></parameters>
<actions>
<action name="start" timeout="1"/><action name="stop" timeout="1"/>
<action name="monitor" timeout="1"/><action name="meta-data" timeout="1"/>
</actions></resource-agent>"""

#: Handles monitor and unknown actions correctly; the rest of the program is the faulty part.
GOOD_START = "case $1 in monitor) exit 7;; no-such*) exit 3;; esac; "

BAD = {
    "succeeds always": ("exit 0", "an unknown action exits with 0 instead of 3"),
    "gives no exit reason": (GOOD_START + "exit 6", "exit status 6 without an exit reason"),
    "cannot stop a stopped service": (
        GOOD_START + "[ $1 = validate-all ] && exit 0; echo ocf-exit-reason:x >&2; exit 1",
        "stop of a stopped resource exits with 1",
    ),
    "prints a traceback": (
        GOOD_START + 'echo "Traceback (most recent call last)" >&2; exit 1',
        "prints a traceback",
    ),
    "uses an exit code of its own": (GOOD_START + "exit 77", "77 is not an OCF exit code"),
}


@pytest.mark.parametrize("title", BAD)
def test_problems_faulty_agent_is_reported(title: str, tmp_path: Path) -> None:
    body, expected = BAD[title]
    metadata = tmp_path / "metadata"
    metadata.write_text(METADATA)
    text = f'#!/bin/sh\n[ "$1" = meta-data ] && exec cat {metadata}\n{body}\n'
    found = list(problems(executable(tmp_path / "bad", text), str(tmp_path)))
    assert any(expected in problem for problem in found), found


def test_problems_invalid_xml_is_reported(tmp_path: Path) -> None:
    bad = executable(tmp_path / "bad", "#!/bin/sh\necho '<resource-agent name=\"a & b\">'\n")
    assert next(problems(bad, str(tmp_path))).startswith("meta-data is not valid XML")
