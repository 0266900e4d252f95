"""Simulations with Pacemaker's scheduler; nothing is executed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from shutil import which

from lxml import etree

from pacemaker_os.cib.schema import version
from pacemaker_os.cib.tree.escapes import values_with_escapes, without_escapes
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, CommandTimeout, TransportError
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.graph import read_graph
from pacemaker_os.plan.prediction.messages import Message, read_messages
from pacemaker_os.plan.prediction.replay import can_replay, replay
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.prediction.transition import Transition
from pacemaker_os.transport.base import Result, Transport

#: Timeout of a simulation, in seconds. A CIB with 5,000 clones takes 8 s on an idle machine.
TIMEOUT = 120.0

#: Reason and remedy where nothing can be simulated.
NO_SCHEDULER = (
    "Pacemaker's scheduler is not installed on this machine (Debian: apt install pacemaker-cli-utils)"
)

#: Exit status for a configuration that is not valid in its schema (CRM_EX_CONFIG).
CONFIG_ERROR = 78

#: Twice verbose: the log has the errors and the warnings.
_RUN = ("crm_simulate", "--run", "--output-as=xml", "--xml-pipe", "-VV")

_SIMULATE = ("crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe")

#: Runs `crm_simulate` with the option $1=FILE, and prints a null byte and the file after its output: one
#: command on the machine, which also removes its temporary files. crm_simulate leaves its scratch CIB in the
#: directory of shadow CIBs, by default one that only root can write.
_WITH_FILE = """
option=$1
shift
directory=$(mktemp --directory --tmpdir pcs-os.XXXXXXXX) || exit
trap 'rm -rf -- "$directory"' EXIT
trap 'exit 143' HUP INT TERM
export CIB_shadow_dir="$directory" CIB_shadow=
"$@" ${option:+"$option=$directory/file"}
status=$?
printf '\\0'
cat -- "$directory/file" 2>/dev/null
exit "$status"
"""

#: Exit status of a shell that does not find a program.
_NOT_FOUND = 127

#: Part of the message for a failed assertion, with which the scheduler aborts.
ABORTED = "Triggered fatal assertion"

#: Part of the message for an invalid file.
_UNREADABLE = b"parser error"

#: Element of a result with the status after all actions.
_AFTER = "revised_cluster_status"


class NotSimulated(ClusterError):
    """The scheduler failed. `messages` are what it found in the configuration before that."""

    code = "not-simulated"

    def __init__(self, message: str, messages: tuple[Message, ...]) -> None:
        self.messages = messages
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Runs `crm_simulate` on the cluster, so that the simulation uses the cluster's own Pacemaker version."""

    transport: Transport

    def run(self, cib: etree._Element) -> Simulation:
        """Simulate this `<cib>` with its status. Raises ClusterError."""
        done = self._pipe(_RUN, cib)
        return _with_messages(Simulation.read(self._result(done, cib)), done)

    def run_transition(self, cib: etree._Element) -> Simulation:
        """Simulate this `<cib>`, and recognize actions that never run because of an order loop.

        Raises ClusterError.
        """
        done, result, transition = self._transition(cib)
        return _with_messages(Simulation.read(result, transition=transition), done)

    def settle(self, cib: etree._Element) -> etree._Element:
        """Return the CIB after all actions. Raises ClusterError."""
        _, _, transition = self._transition(cib)
        if transition.feature_set != cib.get("crm_feature_set"):
            self._check_version(cib)
        if can_replay(transition):
            return replay(cib, transition)
        done, output = self._run_with_file("--save-output", _SIMULATE, cib)
        self._result(done, cib, needs=_AFTER)
        return Snapshot.of(output).cib

    def simulate_failure(self, cib: etree._Element, nodes: Sequence[str], *, quorum: bool) -> Simulation:
        """Simulate a simultaneous failure of these nodes, and return the status after all recovery actions.

        Without quorum some actions are impossible, and the simulation ends early; the result contains all
        actions that the scheduler wanted.
        """
        # Pacemaker 3.0.0 prints no XML result with the option --node-fail of crm_simulate.
        failed = simulated_status.without_nodes(cib, nodes, quorum=quorum)
        done, _ = self._run_with_file("", _SIMULATE, failed)
        return Simulation.read(self._result(done, cib, needs=_AFTER), state_tag=_AFTER)

    def _transition(self, cib: etree._Element) -> tuple[Result, etree._Element, Transition]:
        done, graph = self._run_with_file("--save-graph", _RUN, cib)
        return done, self._result(done, cib), Transition(read_graph(graph))

    def _run_with_file(self, option: str, argv: Sequence[str], cib: etree._Element) -> tuple[Result, bytes]:
        """Return the result of crm_simulate, and the file that it writes with this option, if any."""
        try:
            done = self._pipe(["sh", "-c", _WITH_FILE, "sh", option, *argv], cib)
        except CommandTimeout as error:
            # The message contains only the program: the script around it means nothing to users.
            raise CommandTimeout(self.transport.name, argv, error.seconds) from None
        if done.status == _NOT_FOUND:
            message = f"{self.transport.name}: program '{argv[0]}' not found or not executable"
            raise TransportError(message, code="no-program")
        printed, _, file = done.stdout.partition(b"\0")
        return replace(done, stdout=printed), file

    def _pipe(self, argv: Sequence[str], cib: etree._Element) -> Result:
        """Run a command with this `<cib>` as its input.

        crm_simulate 2.1 writes the CIB to a file, which it cannot read if it wrote a value as invalid XML.
        """
        done = self.transport.run(argv, input=etree.tostring(cib), timeout=TIMEOUT, ok=())
        if _UNREADABLE not in done.stderr or not any(True for _ in values_with_escapes(cib)):
            return done
        return self.transport.run(argv, input=etree.tostring(without_escapes(cib)), timeout=TIMEOUT, ok=())

    def _result(self, done: Result, cib: etree._Element, *, needs: str = "") -> etree._Element:
        """Return the XML result. If it contains the element `needs`, the exit status is ignored."""
        result = _parsed(done.stdout)
        if result is not None and (result.find(needs) is not None if needs else not done.status):
            return result
        # A CIB of a newer Pacemaker fails in several ways, none of which names the cause.
        self._check_version(cib)
        errors = [] if result is None else [str(error.text) for error in result.iter("error")]
        lines = [line.strip() for line in [*errors, *done.error_text.splitlines()] if line.strip()]
        lines = [line for line in lines if ABORTED in line] or lines
        reason = "; ".join(lines[:3]) or "no error output"
        failed = f"crm_simulate failed with exit status {done.status} ({reason})"
        message = f"cannot simulate this configuration: {failed}"
        if done.status == CONFIG_ERROR:
            raise ClusterError(message, code="schema")
        raise NotSimulated(message, read_messages(done.error_text))

    def _check_version(self, cib: etree._Element) -> None:
        """Raise ClusterError when this `<cib>` requires a newer Pacemaker than the installed tools."""
        own = _parsed(self.transport.run(["cibadmin", "--empty"], ok=()).stdout)
        if own is None:
            return
        supported, required = (_versions(own), _versions(cib))
        if any(old and new and new > old for old, new in zip(supported, required, strict=True)):
            message = (
                f"the configuration requires a newer Pacemaker ({_format_versions(cib)}) than the installed "
                f"tools ({_format_versions(own)}); use the tools of a cluster node: with --ssh [USER@]HOST, "
                "with --container NAME, or by running pcs-os on a node"
            )
            raise ClusterError(message, code="newer-pacemaker")


def is_scheduler_installed() -> bool:
    """Return whether this machine has the scheduler, which predictions for a CIB file require."""
    return which("crm_simulate") is not None


def _with_messages(simulation: Simulation, done: Result) -> Simulation:
    return replace(simulation, messages=read_messages(done.error_text))


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data)
    except etree.XMLSyntaxError:
        return None


def _versions(cib: etree._Element) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """Return feature set and schema of a `<cib>` as numbers, or None for an invalid one."""
    numbers = cib.get("crm_feature_set", "").split(".")
    features = tuple(map(int, numbers)) if all(number.isdigit() for number in numbers) else None
    return features, version(cib.get("validate-with"))


def _format_versions(cib: etree._Element) -> str:
    return f"feature set {cib.get('crm_feature_set')}, schema {cib.get('validate-with')}"
