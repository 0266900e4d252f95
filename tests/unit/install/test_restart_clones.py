"""The program that restarts clones on a node by temporary bans."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.install.nodes.program import program_text, run_program
from pacemaker_os.transport.local import LocalTransport

pytestmark = pytest.mark.skipif(not shutil.which("cibadmin"), reason="cibadmin is not installed")

CLONE = '<clone id="{0}-clone"><primitive id="{0}" class="ocf" provider="pacemaker" type="Dummy"/></clone>'
OWN = '<rsc_location id="own" rsc="api-clone" node="controller01" score="10"/>'
CIB = f"""<cib epoch="1" num_updates="0" admin_epoch="0" validate-with="pacemaker-3.8"><configuration>
<crm_config/><nodes><node id="1" uname="controller01"/></nodes>
<resources>{CLONE.format("api")}{CLONE.format("worker")}</resources><constraints>{OWN}</constraints>
</configuration><status/></cib>"""

#: Replacement for crm_resource, which needs a cluster: saves the CIB and its arguments.
WAIT = """#!/bin/sh
cp "$CIB_file" "$CIB_file.during"
echo "$*" >"$CIB_file.arguments"
echo timed out >&2
exit {status}
"""


@pytest.fixture
def cib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CIB file that the Pacemaker tools use instead of a cluster."""
    file = tmp_path / "cib.xml"
    file.write_text(CIB)
    monkeypatch.setenv("CIB_file", str(file))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return file


def restart(cib: Path, status: int) -> Any:
    tool = cib.with_name("crm_resource")
    tool.write_text(WAIT.format(status=status))
    tool.chmod(0o755)
    query = {"clones": ["api-clone", "worker-clone"], "node": "controller01", "timeout": 300}
    argv = [sys.executable, "-I", "-c", program_text("restart_clones", query)]
    return run_program(LocalTransport(), "run_detached", {"argv": argv})


def bans(file: Path) -> list[str]:
    values = file.read_text().split('"')
    return [value for value in values if value.startswith("cli-ban-")]


@pytest.mark.parametrize("status", [0, 124])
def test_restart_clones_bans_all_clones_until_cluster_settles(cib: Path, status: int) -> None:
    output = "crm_resource --wait: timed out" if status else ""
    assert restart(cib, status) == {"status": min(status, 1), "output": output}
    both = [f"cli-ban-{name}-clone-on-controller01" for name in ("api", "worker")]
    assert bans(cib.with_name("cib.xml.during")) == both
    assert cib.with_name("cib.xml.arguments").read_text() == "--wait --timeout=300s\n"
    assert bans(cib) == []
    assert 'id="own"' in cib.read_text(), "other constraints are unchanged"
