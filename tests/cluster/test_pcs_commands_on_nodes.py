"""The commands of `plan --format pcs`, run by the pcs of a node, leave nothing to do.

The lab has pcs 0.12 with `--debian=trixie` and pcs 0.11 with `--debian=bookworm`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lab_handle import LabHandle

from pacemaker_os.cib import Cib
from pacemaker_os.transport.container import ContainerTransport

sys.path.append(str(Path(__file__).parents[1] / "unit" / "render"))
from pcs_pairs import pairs
from pcs_runner import SERVER, Runner

pytestmark = [pytest.mark.cluster, pytest.mark.campaign]

#: Number of pairs of documents, without and with --thorough.
PAIRS, MANY_PAIRS = 20, 100


class NodeRunner(Runner):
    """Runs the commands on a node of the lab, in the locale that `docker exec` has."""

    def __init__(self, node: ContainerTransport, directory: str) -> None:
        super().__init__(Path(directory) / "cib.xml")
        self._node, self._program = node, f"{directory}/pcs_server.py"
        node.put(SERVER.read_bytes(), self._program)

    def server(self) -> list[str]:
        variable = f"CIB_file={self.path}"
        return ["docker", "exec", "-i", "-e", variable, self._node.name, "python3", self._program]

    def read(self) -> bytes:
        return self._node.run(["cat", str(self.path)]).stdout


@pytest.fixture(scope="module")
def runner(session_lab: LabHandle) -> Iterator[NodeRunner]:
    node = session_lab.node("controller01")
    directory = node.run(["mktemp", "-d"]).text.strip()
    found = NodeRunner(node, directory)
    yield found
    found.close()
    node.run(["rm", "-rf", directory])


def test_commands_leave_nothing_to_do(request: pytest.FixtureRequest, runner: NodeRunner) -> None:
    number = MANY_PAIRS if request.config.getoption("thorough") else PAIRS
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)
    @given(pairs())
    def every(found: tuple[Cib, Cib]) -> None:
        runner.check(*found)

    every()
