"""Pacemaker's scheduler, asked what it would do with a CIB; nothing is done."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from lxml import etree

from pacemaker_os.cluster.snapshot import Snapshot
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.simulation import Simulation
from pacemaker_os.transport.base import Result, Transport

#: A CIB of 5,000 clones takes the scheduler 8 s on a quiet machine.
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Runs `crm_simulate` where the cluster is, so that it decides as the cluster's own version would."""

    transport: Transport

    def lose(self, cib: etree._Element, nodes: Sequence[str], *, quorum: bool) -> Simulation:
        """What would run where, once these nodes failed all at once and all was done about it."""
        failing = [f"--node-fail={node}" for node in nodes]
        argv = [
            "crm_simulate",
            "--simulate",
            "--output-as=xml",
            "--xml-pipe",
            *failing,
            f"--quorum={quorum:d}",
        ]
        done = self.transport.run(argv, input=etree.tostring(cib), timeout=TIMEOUT, ok=())
        return Simulation.read(_result(done), place="revised_cluster_status")

    def run(self, cib: etree._Element) -> Simulation:
        """What the scheduler would do with this `<cib>`, its status included. Raises ClusterError."""
        argv = ["crm_simulate", "--run", "--output-as=xml", "--xml-pipe"]
        done = self.transport.run(argv, input=etree.tostring(cib), timeout=TIMEOUT, ok=())
        return Simulation.read(_result(done))


def scheduler_is_here() -> bool:
    """Whether this machine has the scheduler; without it nothing can be foretold of a CIB file."""
    return which("crm_simulate") is not None


def settle(transport: Transport, cib: etree._Element) -> Snapshot:
    """The CIB as it would be once the scheduler has done everything; on this machine only."""
    with tempfile.TemporaryDirectory(prefix="pcs-os-") as folder:
        output = Path(folder, "settled.xml")
        argv = ["crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe", f"--save-output={output}"]
        # The simulation needs a folder of its own for its scratch CIB: the default is root's alone.
        environment = {"CIB_shadow_dir": folder, "CIB_shadow": ""}
        done = transport.run(argv, input=etree.tostring(cib), env=environment, timeout=TIMEOUT, ok=())
        _result(done)
        return Snapshot.of(output.read_bytes())


def _result(done: Result) -> etree._Element:
    try:
        result = etree.fromstring(done.stdout)
    except etree.XMLSyntaxError:
        result = None
    if done.status or result is None:
        words = [line.strip() for line in done.error_text.splitlines() if line.strip()]
        said = "; ".join(words[:3]) or "it said nothing"
        message = f"the scheduler cannot work with this configuration (crm_simulate, {done.status}): {said}"
        raise ClusterError(message, code="not-simulated")
    return result
