"""The commands of `plan --format pcs`, run by pcs, leave nothing to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cibs import cibs, writable
from hypothesis import HealthCheck, Phase, given, settings
from pcs_pairs import pairs
from pcs_runner import LocalRunner

from pacemaker_os.cib import Cib

#: Number of pairs of documents, without and with --thorough.
PAIRS, MANY_PAIRS = 100, 400


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRunner]:
    found = LocalRunner(tmp_path_factory.mktemp("pcs") / "cib.xml")
    yield found
    found.close()


def run_many(request: pytest.FixtureRequest, strategy: object, runner: LocalRunner, share: int) -> None:
    number = (MANY_PAIRS if request.config.getoption("thorough") else PAIRS) // share
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)
    @given(strategy)
    def every(found: tuple[Cib, ...]) -> None:
        runner.check(*found)

    every()


def test_commands_for_rearranged_documents_leave_nothing_to_do(
    request: pytest.FixtureRequest, runner: LocalRunner
) -> None:
    run_many(request, pairs(), runner, 1)


def test_commands_for_arbitrary_configurations_leave_nothing_to_do(
    request: pytest.FixtureRequest, runner: LocalRunner
) -> None:
    run_many(request, cibs().map(lambda cib: (writable(cib),)), runner, 4)
