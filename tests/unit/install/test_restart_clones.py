"""Clones are banned from a node until they have stopped, and the ban ends whatever happens."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.install.nodes.program import program_text, run_program
from pacemaker_os.transport.local import LocalTransport

pytestmark = pytest.mark.skipif(not shutil.which("cibadmin"), reason="there is no cibadmin here")

CLONE = '<clone id="{0}-clone"><primitive id="{0}" class="ocf" provider="pacemaker" type="Dummy"/></clone>'
OWN = '<rsc_location id="own" rsc="api-clone" node="controller01" score="10"/>'
CIB = f"""<cib epoch="1" num_updates="0" admin_epoch="0" validate-with="pacemaker-3.8"><configuration>
<crm_config/><nodes><node id="1" uname="controller01"/></nodes>
<resources>{CLONE.format("api")}{CLONE.format("worker")}</resources><constraints>{OWN}</constraints>
</configuration><status/></cib>"""

#: In place of crm_resource, which waits for a cluster: keeps what the cluster has been told meanwhile.
WAIT = """#!/bin/sh
cp "$CIB_file" "$CIB_file.meanwhile"
echo "$*" >"$CIB_file.asked"
echo no more time >&2
exit {status}
"""


@pytest.fixture
def cib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cluster's configuration in a file, which the tools take for the cluster."""
    file = tmp_path / "cib.xml"
    file.write_text(CIB)
    monkeypatch.setenv("CIB_file", str(file))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return file


def restart(cib: Path, status: int) -> Any:
    tool = cib.with_name("crm_resource")
    tool.write_text(WAIT.format(status=status))
    tool.chmod(0o755)
    asked = {"clones": ["api-clone", "worker-clone"], "node": "controller01", "timeout": 300}
    line = [sys.executable, "-I", "-c", program_text("restart_clones", asked)]
    return run_program(LocalTransport(), "run_detached", {"argv": line})


def bans(file: Path) -> list[str]:
    words = file.read_text().split('"')
    return [word for word in words if word.startswith("cli-ban-")]


@pytest.mark.parametrize("status", [0, 124])
def test_clones_are_banned_together_until_the_cluster_has_done_it(cib: Path, status: int) -> None:
    said = "crm_resource --wait: no more time" if status else ""
    assert restart(cib, status) == {"status": min(status, 1), "output": said}
    both = [f"cli-ban-{name}-clone-on-controller01" for name in ("api", "worker")]
    assert bans(cib.with_name("cib.xml.meanwhile")) == both
    assert cib.with_name("cib.xml.asked").read_text() == "--wait --timeout=300s\n"
    assert bans(cib) == []
    assert 'id="own"' in cib.read_text(), "other constraints stay"
