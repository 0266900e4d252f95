"""Results of crm_simulate, and errors that stand for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from small_cibs import cib

from pacemaker_os.cluster import scheduler
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.errors import ClusterError, CommandTimeout, TransportError
from pacemaker_os.transport.fake import Expect, FakeTransport
from pacemaker_os.transport.local import LocalTransport

LOSE = ("crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe")

#: The arguments of the script that runs a simulation, after the script itself.
SCRIPT = ("sh", "-c", scheduler._WITH_FILE, "sh")
NOTHING = "<pacemaker-result><cluster_status/>{}<status code='0'/></pacemaker-result>"


def empty(features: str, schema: str = "pacemaker-3.9") -> Expect:
    """Expect `cibadmin --empty` with the versions of the installed tools."""
    return Expect(
        ("cibadmin", "--empty"), stdout=f'<cib crm_feature_set="{features}" validate-with="{schema}"/>'
    )


def simulate_failure(printed: str, *more: Expect, status: int = 0) -> None:
    fake = FakeTransport([Expect((*SCRIPT, "", *LOSE), stdout=printed, status=status), *more])
    Scheduler(fake).simulate_failure(cib("x"), ["n1"], quorum=True)


def test_simulated_failure_without_the_resulting_status_is_an_error() -> None:
    with pytest.raises(ClusterError) as caught:
        simulate_failure(NOTHING.format(""), empty("3.16.1"))
    assert caught.value.code == "not-simulated"


@pytest.mark.parametrize("tools", [empty("3.9.9"), empty("3.16.0"), empty("3.16.1", "pacemaker-3.8")])
def test_cib_of_a_newer_pacemaker_is_rejected(tools: Expect) -> None:
    with pytest.raises(ClusterError, match=r"newer Pacemaker \(feature set 3\.16\.1.*--ssh") as caught:
        simulate_failure("", tools, status=134)
    assert caught.value.code == "newer-pacemaker"


def test_error_of_the_tools_is_reported_when_their_version_is_unknown() -> None:
    with pytest.raises(ClusterError, match=r"crm_simulate failed with exit status 134 \(no error output\)"):
        simulate_failure("", Expect(("cibadmin", "--empty"), status=1), status=134)


def test_simulated_failure_with_impossible_actions_is_a_result() -> None:
    simulate_failure(NOTHING.format("<actions/><revised_cluster_status/>"), status=1)


def test_missing_scheduler_is_named() -> None:
    with pytest.raises(TransportError, match=r"program 'crm_simulate' not found") as caught:
        simulate_failure("", status=127)
    assert caught.value.code == "no-program"


def test_timeout_names_the_simulation_without_its_script() -> None:
    argv = ("sh", "-c", scheduler._WITH_FILE, "sh", "", *LOSE)
    fake = FakeTransport([Expect(argv, raises=CommandTimeout("fake", argv, 120.0))])
    with pytest.raises(CommandTimeout, match=r"^fake: `crm_simulate --simulate [^$]*` timed out after 120 s"):
        Scheduler(fake).simulate_failure(cib("x"), ["n1"], quorum=True)


def test_simulation_is_one_command_without_remaining_files(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/crm_simulate"
    program.write_text(
        "#!/bin/sh\n"
        "for option; do :; done\n"
        "echo '<transition_graph/>' >${option#--save-graph=}\n"
        f'[ -d $CIB_shadow_dir ] && echo "{NOTHING.format("<actions/>")}"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    assert Scheduler(LocalTransport()).run_transition(cib("x")).actions == ()
    assert list((tmp_path / "tmp").iterdir()) == []
