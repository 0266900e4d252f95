"""Pacemaker's scheduler, asked what it would do with a CIB; nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shutil import which

from lxml import etree

from pacemaker_os.cluster.snapshot import Snapshot
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan import stage
from pacemaker_os.plan.simulation import Simulation
from pacemaker_os.transport.base import Result, Transport

#: A CIB of 5,000 clones takes the scheduler 8 s on a quiet machine.
TIMEOUT = 120.0

#: The exit status for a configuration that its schema does not allow (CRM_EX_CONFIG).
CONFIG_ERROR = 78

_SIMULATE = ("crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe")

#: The part of a result that says what runs after everything was done.
_AFTER = "revised_cluster_status"


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Runs `crm_simulate` where the cluster is, so that it decides as the cluster's own version would."""

    transport: Transport

    def run(self, cib: etree._Element) -> Simulation:
        """What the scheduler would do with this `<cib>`, its status included. Raises ClusterError."""
        argv = ["crm_simulate", "--run", "--output-as=xml", "--xml-pipe"]
        done = self.transport.run(argv, input=etree.tostring(cib), timeout=TIMEOUT, ok=())
        return Simulation.read(_result(done))

    def settle(self, cib: etree._Element, folder: str) -> Snapshot:
        """The CIB as it would be once everything was done; `folder` is a scratch folder of the transport."""
        output = f"{folder}/settled.xml"
        _result(self._simulate([f"--save-output={output}"], cib, folder))
        return Snapshot.of(self.transport.get(output))

    def lose(self, cib: etree._Element, nodes: Sequence[str], folder: str, *, quorum: bool) -> Simulation:
        """What would run where, once these nodes failed all at once and all was done about it.

        Without quorum some of it cannot be done, and the simulation ends before that; the actions say
        what was wanted.
        """
        # Not crm_simulate's own --node-fail: with it, 3.0.0 prints no result as XML.
        done = self._simulate([], stage.without_nodes(cib, nodes, quorum=quorum), folder)
        return Simulation.read(_result(done, needs=_AFTER), place=_AFTER)

    def _simulate(self, words: Sequence[str], cib: etree._Element, folder: str) -> Result:
        # The scratch CIB of a simulation goes into Pacemaker's own folder, which is root's, and stays
        # there, unless it is told another.
        environment = {"CIB_shadow_dir": folder, "CIB_shadow": ""}
        data = etree.tostring(cib)
        return self.transport.run([*_SIMULATE, *words], input=data, env=environment, timeout=TIMEOUT, ok=())


def scheduler_is_here() -> bool:
    """Whether this machine has the scheduler; without it nothing can be foretold of a CIB file."""
    return which("crm_simulate") is not None


def _result(done: Result, *, needs: str = "") -> etree._Element:
    """The XML that crm_simulate printed; with what it `needs`, it is good even if not all could be done."""
    try:
        result = etree.fromstring(done.stdout)
    except etree.XMLSyntaxError:
        result = None
    if result is not None and (result.find(needs) is not None if needs else not done.status):
        return result
    said = [] if result is None else [str(error.text) for error in result.iter("error")]
    words = [line.strip() for line in [*said, *done.error_text.splitlines()] if line.strip()]
    why = "; ".join(words[:3]) or "it said nothing"
    message = f"the scheduler cannot work with this configuration (crm_simulate, {done.status}): {why}"
    raise ClusterError(message, code="schema" if done.status == CONFIG_ERROR else "not-simulated")
