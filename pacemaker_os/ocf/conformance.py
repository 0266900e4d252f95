"""Conformance test of an agent's executable: OCF 1.1, and correct results for hostile parameter values.

    python3 -m pacemaker_os.ocf.conformance /usr/lib/ocf/resource.d/pacemaker-os/redis

No service is started: `start` runs only with parameters that `validate-all` rejects.
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

#: Hostile parameter values.
HOSTILE = {
    "a shell command": "; rm -rf / #",
    "a substitution": "$(touch /tmp/pacemaker-os-conformance)`id`",
    "a newline": "a\nocf-exit-reason:forged",
    "terminal escape sequences": "\x1b[31m\x07",
    "100,000 characters": "x" * 100_000,
    "a path with '..'": "/../../etc/shadow",
    "a negative number": "-1",
    "markup": "<&\"'>",
    "an option": "--help",
}

MANDATORY = ("start", "stop", "monitor", "meta-data")
EXIT_CODES = frozenset(codes.NAMES)

#: Timeout of one action, in seconds.
ACTION_TIMEOUT = 30.0


class Candidate:
    """An agent's executable, run for an instance with its own state directory `scratch`."""

    def __init__(self, path: str, scratch: str) -> None:
        self.path, self.scratch = path, scratch

    def run(self, action: str, parameters: Mapping[str, str] | None = None, **environ: str) -> Result:
        """Run an action and return its result."""
        environ |= {"OCF_RESOURCE_INSTANCE": "conformance", "HA_RSCTMP": self.scratch}
        environ |= {PREFIX + name: value for name, value in (parameters or {}).items()}
        return run([self.path, action], Deadline(ACTION_TIMEOUT), environ=environ)

    def metadata(self, minor: str) -> Element:
        """Return the metadata for a caller of OCF version 1.`minor`. Raises ValueError if it is invalid."""
        from xml.etree import ElementTree

        result = self.run("meta-data", OCF_RA_VERSION_MAJOR="1", OCF_RA_VERSION_MINOR=minor)
        if result.status:
            raise ValueError(f"meta-data fails with exit status {result.status}: {result.error_line}")
        try:
            return ElementTree.fromstring(result.stdout)  # noqa: S314  # of an agent that runs as root anyway
        except ElementTree.ParseError as error:
            raise ValueError(f"meta-data is not valid XML: {error}") from None


def problems(path: str, scratch: str) -> Iterator[str]:
    """Yield all problems of the agent at `path`."""
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
    """Yield problems in the metadata."""
    version = document.findtext("version", "")
    if version not in ("1.0", "1.1"):
        yield f"meta-data declares the unsupported OCF version '{version}'"
    actions = {action.get("name"): action for action in document.iterfind("actions/action")}
    yield from (f"meta-data does not list the action {name}" for name in MANDATORY if name not in actions)
    yield from (f"action {name} has no timeout" for name, a in actions.items() if not a.get("timeout"))
    for parameter in document.iterfind("parameters/parameter"):
        for tag in ("longdesc", "shortdesc", "content"):
            if parameter.find(tag) is None:
                yield f"parameter {parameter.get('name')} has no {tag}"
    if ("promote" in actions) != ("demote" in actions):
        yield "promote and demote must be offered together"


def action_problems(candidate: Candidate) -> Iterator[str]:
    """Yield problems in the results of actions without parameters."""
    unknown = candidate.run("no-such-action").status
    if unknown != codes.UNIMPLEMENTED:
        yield f"an unknown action exits with {unknown} instead of {codes.UNIMPLEMENTED}"
    probe = candidate.run("monitor", OCF_RESKEY_CRM_meta_interval="0")
    if probe.status not in (codes.NOT_RUNNING, *codes.UP, *codes.UP_PROMOTED):
        yield f"a probe exits with {probe.status}: {probe.error_line}"


def parameter_problems(candidate: Candidate, name: str) -> Iterator[str]:
    """Yield problems in the results for hostile values of the parameter `name`."""
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
                yield (f"{where}: start exits with {started.status}, but validate-all with {checked.status}")
        if nothing_runs:
            stopped = candidate.run("stop", {name: value})
            if stopped.status:
                yield (
                    f"{where}: stop of a stopped resource exits with {stopped.status}: {stopped.error_line}"
                )


def result_problems(where: str, result: Result) -> Iterator[str]:
    """Yield problems in a result: its exit status, its exit reason, a traceback."""
    if result.status not in EXIT_CODES:
        yield f"{where}: {result.status} is not an OCF exit code"
    if "Traceback" in result.stderr:
        yield f"{where}: prints a traceback"
    good = (codes.SUCCESS, codes.NOT_RUNNING, codes.RUNNING_PROMOTED)
    reasons = [line for line in result.stderr.splitlines() if line.startswith("ocf-exit-reason:")]
    if result.status not in good and not reasons:
        yield f"{where}: exit status {result.status} without an exit reason"
    if any("forged" in reason[:30] for reason in reasons):
        yield f"{where}: the parameter can forge an exit reason"


def main() -> int:
    """Test the agents on the command line. The exit status is the number of problems, at most 100."""
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
