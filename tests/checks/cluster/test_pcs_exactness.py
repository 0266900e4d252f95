"""The commands of `plan --format pcs`, run by pcs, leave nothing to do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from cibs import cibs
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree
from pcs_pairs import pairs
from pcs_runner import Runner

from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_xml
from pacemaker_os.errors import InputError

pytestmark = pytest.mark.skipif(shutil.which("pcs") is None, reason="pcs is not installed (Debian: pcs)")

#: Number of pairs of documents, without and with --thorough.
PAIRS, MANY_PAIRS = 100, 400


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    found = Runner(tmp_path_factory.mktemp("pcs") / "cib.xml")
    yield found
    found.close()


def check(runner: Runner, *several: Cib) -> None:
    """Run the commands for each configuration, the first on an empty CIB and the others on the result."""
    empty = subprocess.run(["cibadmin", "--empty"], capture_output=True, check=True).stdout
    runner.path.write_bytes(empty)
    for desired in several:
        try:
            left = runner.remaining(desired)
        except InputError:
            return  # The document is rejected, so there are no commands.
        assert not left, [(change.key, change.details) for change in left]


def writable(cib: Cib) -> Cib:
    """Return a configuration that Pacemaker 2.1.5 writes as valid XML.

    It does not escape characters after the first one that is not ASCII.
    """
    root = parse_xml(cib.to_xml())
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            if not str(value).isascii():
                element.set(name, str(value).translate(dict.fromkeys(map(ord, "&<>\"'"))) or "x")
    return Cib.from_xml(etree.tostring(root))


def run_many(request: pytest.FixtureRequest, strategy: object, runner: Runner, share: int) -> None:
    number = (MANY_PAIRS if request.config.getoption("thorough") else PAIRS) // share
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)
    @given(strategy)
    def every(found: tuple[Cib, ...]) -> None:
        check(runner, *found)

    every()


def test_commands_for_rearranged_documents_leave_nothing_to_do(
    request: pytest.FixtureRequest, runner: Runner
) -> None:
    run_many(request, pairs(), runner, 1)


def test_commands_for_arbitrary_configurations_leave_nothing_to_do(
    request: pytest.FixtureRequest, runner: Runner
) -> None:
    run_many(request, cibs().map(lambda cib: (writable(cib),)), runner, 4)
