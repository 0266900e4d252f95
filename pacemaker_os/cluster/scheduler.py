"""Pacemaker's scheduler, asked what it would do with a CIB; nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shutil import which

from lxml import etree

from pacemaker_os.cib.schema import version
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.transport.base import Result, Transport

#: A CIB of 5,000 clones takes the scheduler 8 s on a quiet machine.
TIMEOUT = 120.0

#: Why nothing can be simulated, and what to do about it.
NO_SCHEDULER = (
    "Pacemaker's scheduler is not installed on this machine (Debian: apt install pacemaker-cli-utils)"
)

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
        return Simulation.read(self._result(done, cib))

    def settle(self, cib: etree._Element, folder: str) -> Snapshot:
        """The CIB as it would be once everything was done; `folder` is a scratch folder of the transport."""
        output = f"{folder}/settled.xml"
        self._result(self._simulate([f"--save-output={output}"], cib, folder), cib)
        return Snapshot.of(self.transport.get(output))

    def simulate_failure(
        self, cib: etree._Element, nodes: Sequence[str], folder: str, *, quorum: bool
    ) -> Simulation:
        """What would run where, once these nodes failed all at once and all was done about it.

        Without quorum some of it cannot be done, and the simulation ends before that; the actions say
        what was wanted.
        """
        # Not crm_simulate's own --node-fail: with it, 3.0.0 prints no result as XML.
        done = self._simulate([], simulated_status.without_nodes(cib, nodes, quorum=quorum), folder)
        return Simulation.read(self._result(done, cib, needs=_AFTER), place=_AFTER)

    def _simulate(self, words: Sequence[str], cib: etree._Element, folder: str) -> Result:
        # The scratch CIB of a simulation goes into Pacemaker's own folder, which is root's, and stays
        # there, unless it is told another.
        environment = {"CIB_shadow_dir": folder, "CIB_shadow": ""}
        data = etree.tostring(cib)
        return self.transport.run([*_SIMULATE, *words], input=data, env=environment, timeout=TIMEOUT, ok=())

    def _result(self, done: Result, cib: etree._Element, *, needs: str = "") -> etree._Element:
        """The XML that crm_simulate printed; with what it `needs`, it is good even if not all was done."""
        result = _parsed(done.stdout)
        if result is not None and (result.find(needs) is not None if needs else not done.status):
            return result
        # What a newer Pacemaker wrote fails in any of several ways, none of which says so.
        self._refuse_newer(cib)
        said = [] if result is None else [str(error.text) for error in result.iter("error")]
        words = [line.strip() for line in [*said, *done.error_text.splitlines()] if line.strip()]
        why = "; ".join(words[:3]) or "it said nothing"
        message = f"the scheduler cannot work with this configuration (crm_simulate, {done.status}): {why}"
        raise ClusterError(message, code="schema" if done.status == CONFIG_ERROR else "not-simulated")

    def _refuse_newer(self, cib: etree._Element) -> None:
        """Raise ClusterError when this `<cib>` is of a newer Pacemaker than the tools that were asked."""
        own = _parsed(self.transport.run(["cibadmin", "--empty"], ok=()).stdout)
        if own is None:
            return
        here, there = (_age(own), _age(cib))
        if any(mine and theirs and theirs > mine for mine, theirs in zip(here, there, strict=True)):
            message = (
                f"the configuration is that of a newer Pacemaker ({_said(cib)}) than the tools that were "
                f"asked about it ({_said(own)}); ask the tools of its own nodes: with --ssh [USER@]HOST, "
                "with --container NAME, or on a node"
            )
            raise ClusterError(message, code="newer-pacemaker")


def scheduler_is_here() -> bool:
    """Whether this machine has the scheduler; without it nothing can be foretold of a CIB file."""
    return which("crm_simulate") is not None


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data)
    except etree.XMLSyntaxError:
        return None


def _age(cib: etree._Element) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """The feature set and the schema of a `<cib>`, as numbers; None for what is none."""
    numbers = cib.get("crm_feature_set", "").split(".")
    features = tuple(map(int, numbers)) if all(number.isdigit() for number in numbers) else None
    return features, version(cib.get("validate-with"))


def _said(cib: etree._Element) -> str:
    return f"feature set {cib.get('crm_feature_set')}, schema {cib.get('validate-with')}"
