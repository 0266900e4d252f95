"""Reasons of stopped services in the corpus: the printed command lets the scheduler run the service."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.cluster.observe.reasons import Wanted, comes_up
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction.obstacles.obstacle import set_property
from pacemaker_os.status.reason import Reason
from pacemaker_os.transport.local import LocalTransport

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"
CORPUS = sorted(Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT)).glob("*.xml"))

#: Programs that change a CIB file; the others need a running cluster.
ON_FILES = ("cibadmin", "crm_attribute", "crm_resource", "crm_ticket")

SCHEDULER = Scheduler(LocalTransport())


@dataclass(frozen=True)
class Case:
    """A stopped service, and its reason."""

    path: Path
    wanted: Wanted
    reason: Reason | None


def staged(path: Path, directory: Path, *, healthy: bool) -> Path | None:
    """Copy a CIB that has a status. If `healthy`, missing quorum and fencing do not stop its services."""
    cib = etree.parse(path).getroot()
    if cib.find("status/node_state") is None:
        return None
    if healthy:
        set_property(cib, "stonith-enabled", "false")
        cib.set("have-quorum", "1")
    copy = directory / path.name
    copy.write_bytes(etree.tostring(cib))
    return copy


def stopped(path: Path) -> Iterator[Case]:
    """Yield the stopped services of a CIB file."""
    state = read_state(connect(Target(cib_file=str(path))))
    for service in state.services:
        role = {"cannot-run": "", "not-promoted": "Promoted"}.get(service.judgement.state)
        if role is not None:
            yield Case(path, Wanted(service.id, role), state.reasons.get(service.id))


def mends(case: Case) -> bool | None:
    """Return whether the service runs after the command of its reason, or None if that needs a cluster."""
    assert case.reason is not None
    command = case.reason.command
    if not command or command[0] not in ON_FILES or "--cleanup" in command or "--refresh" in command:
        return None
    copy = case.path.with_suffix(f".{case.wanted.resource}.xml")
    shutil.copy(case.path, copy)
    done = subprocess.run(command, capture_output=True, env={**os.environ, "CIB_file": str(copy)})
    if done.returncode:
        return None
    return comes_up(SCHEDULER.run(etree.parse(copy).getroot()), case.wanted)


@pytest.mark.skipif(not CORPUS, reason="the scheduler corpus is not available")
@pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")
@pytest.mark.parametrize("healthy", [False, True], ids=["as-is", "healthy"])
def test_command_of_a_reason_lets_the_service_run(healthy: bool, tmp_path: Path) -> None:
    wrong, mended, unknown = [], 0, 0
    for path in CORPUS:
        copy = staged(path, tmp_path, healthy=healthy)
        if copy is None:
            continue
        try:
            cases = list(stopped(copy))
        except ClusterError:
            continue
        for case in cases:
            if case.reason is None:
                unknown += 1
            elif not case.reason.all_needed and (result := mends(case)) is not None:
                mended += result
                if not result:
                    wrong.append((path.name, case.wanted.resource, case.reason.text))
    print(f"{mended} commands let a service run; {unknown} services have no known reason")
    assert wrong == []
    assert mended
