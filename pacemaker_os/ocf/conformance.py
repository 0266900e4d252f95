"""What every agent must answer, tried on the executable itself: OCF 1.1, and no lie for hostile input.

    python3 -m pacemaker_os.ocf.conformance /usr/lib/ocf/resource.d/pacemaker-os/redis

Nothing is started: a `start` is tried only with parameters that `validate-all` refuses.
"""

from __future__ import annotations

import sys

from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.command import Result, run
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.operation import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

#: Values that somebody will try one day.
HOSTILE = {
    "a shell command": "; rm -rf / #",
    "a substitution": "$(touch /tmp/pacemaker-os-conformance)`id`",
    "a line break": "a\nocf-exit-reason:forged",
    "terminal control": "\x1b[31m\x07",
    "100,000 characters": "x" * 100_000,
    "a path upwards": "/../../etc/shadow",
    "a negative number": "-1",
    "markup": "<&\"'>",
    "an option": "--help",
}

MANDATORY = ("start", "stop", "monitor", "meta-data")
EXIT_CODES = frozenset(codes.NAMES)

#: Seconds that one action may take here.
ACTION_TIMEOUT = 30.0


class Candidate:
    """An agent's executable, run for an instance of its own in the folder `scratch`."""

    def __init__(self, path: str, scratch: str) -> None:
        self.path, self.scratch = path, scratch

    def run(self, action: str, parameters: Mapping[str, str] | None = None, **environ: str) -> Result:
        """Run an action."""
        environ |= {"OCF_RESOURCE_INSTANCE": "conformance", "HA_RSCTMP": self.scratch}
        environ |= {PREFIX + name: value for name, value in (parameters or {}).items()}
        return run([self.path, action], Deadline(ACTION_TIMEOUT), environ=environ)

    def metadata(self, minor: str) -> Element:
        """The metadata for a caller of OCF version 1.`minor`. Raises ValueError when it is no XML."""
        from xml.etree import ElementTree

        result = self.run("meta-data", OCF_RA_VERSION_MAJOR="1", OCF_RA_VERSION_MINOR=minor)
        if result.status:
            raise ValueError(f"meta-data ends with {result.status}: {result.error_line}")
        try:
            return ElementTree.fromstring(result.stdout)  # noqa: S314  # of an agent that runs as root anyway
        except ElementTree.ParseError as error:
            raise ValueError(f"meta-data is no XML: {error}") from None


def problems(path: str, scratch: str) -> Iterator[str]:
    """Everything that is wrong with the agent at `path`; nothing when it conforms."""
    candidate = Candidate(path, scratch)
    try:
        documents = [candidate.metadata(minor) for minor in ("0", "1")]
    except (ValueError, Failure) as error:
        yield str(error)
        return
    for document in documents:
        yield from metadata_problems(document)
    yield from action_problems(candidate)
    for parameter in documents[1].iterfind("parameters/parameter"):
        yield from parameter_problems(candidate, parameter.get("name", ""))


def metadata_problems(document: Element) -> Iterator[str]:
    """What is wrong with metadata."""
    version = document.findtext("version", "")
    if version not in ("1.0", "1.1"):
        yield f"meta-data names the OCF version '{version}'"
    actions = {action.get("name"): action for action in document.iterfind("actions/action")}
    yield from (f"meta-data has no action {name}" for name in MANDATORY if name not in actions)
    yield from (f"action {name} has no timeout" for name, a in actions.items() if not a.get("timeout"))
    for parameter in document.iterfind("parameters/parameter"):
        for tag in ("longdesc", "shortdesc", "content"):
            if parameter.find(tag) is None:
                yield f"parameter {parameter.get('name')} has no {tag}"
    if ("promote" in actions) != ("demote" in actions):
        yield "promote and demote must come together"


def action_problems(candidate: Candidate) -> Iterator[str]:
    """What is wrong with the answers to plain actions."""
    unknown = candidate.run("no-such-action").status
    if unknown != codes.UNIMPLEMENTED:
        yield f"an unknown action is answered with {unknown}, not {codes.UNIMPLEMENTED}"
    probe = candidate.run("monitor", OCF_RESKEY_CRM_meta_interval="0")
    if probe.status not in (codes.NOT_RUNNING, *codes.UP, *codes.UP_PROMOTED):
        yield f"a probe is answered with {probe.status}: {probe.error_line}"


def parameter_problems(candidate: Candidate, name: str) -> Iterator[str]:
    """What is wrong with the answers when parameter `name` is hostile."""
    nothing_runs = candidate.run("monitor", OCF_RESKEY_CRM_meta_interval="0").status == codes.NOT_RUNNING
    for title, value in HOSTILE.items():
        where = f"parameter {name} with {title}"
        checked = candidate.run("validate-all", {name: value})
        yield from result_problems(f"{where}: validate-all", checked)
        seen = candidate.run("monitor", {name: value}, OCF_RESKEY_CRM_meta_interval="0")
        yield from result_problems(f"{where}: probe", seen)
        if checked.status:
            started = candidate.run("start", {name: value})
            yield from result_problems(f"{where}: start", started)
            if started.status != checked.status:
                yield f"{where}: start ends with {started.status}, validate-all with {checked.status}"
        if nothing_runs:
            stopped = candidate.run("stop", {name: value})
            if stopped.status:
                yield f"{where}: a stop of what does not run ends with {stopped.status}: {stopped.error_line}"


def result_problems(where: str, result: Result) -> Iterator[str]:
    """What is wrong with any answer: its code, its reason, a traceback."""
    if result.status not in EXIT_CODES:
        yield f"{where}: {result.status} is no exit code of OCF"
    if "Traceback" in result.stderr:
        yield f"{where}: a traceback"
    good = (codes.SUCCESS, codes.NOT_RUNNING, codes.RUNNING_PROMOTED)
    reasons = [line for line in result.stderr.splitlines() if line.startswith("ocf-exit-reason:")]
    if result.status not in good and not reasons:
        yield f"{where}: {result.status} without a reason"
    if any("forged" in reason[:30] for reason in reasons):
        yield f"{where}: a parameter can forge a reason"


def main() -> int:
    """Check the agents that the command line names; the status is the number of problems, 100 at most."""
    from tempfile import TemporaryDirectory

    count = 0
    for path in sys.argv[1:]:
        with TemporaryDirectory() as scratch:
            for problem in problems(path, scratch):
                print(f"{path}: {problem}")
                count += 1
    return min(count, 100)


if __name__ == "__main__":
    sys.exit(main())
