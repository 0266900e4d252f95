"""Troubles that operators meet: status tells each, and the command that it prints ends it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from lab_handle import LabHandle
from trouble import Says, Trouble
from trouble_site import State, TroubleSite, describe, problems

_TABLES = sorted(
    path.stem for path in Path(__file__).parent.glob("*_troubles.py") if path.stem[:5] != "test_"
)
TROUBLES: list[Trouble] = [each for table in _TABLES for each in import_module(table).TROUBLES]

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def whole_site(session_lab: LabHandle, tmp_path_factory: pytest.TempPathFactory) -> TroubleSite:
    """The site, whose services all run."""
    return TroubleSite(session_lab, tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(whole_site: TroubleSite) -> Iterator[TroubleSite]:
    """The site without a trouble, before and after the test."""
    yield whole_site
    whole_site.reset()


def rows() -> Iterator[object]:
    """Yield the troubles; those outside the cluster lane are campaigns."""
    for trouble in TROUBLES:
        yield pytest.param(
            trouble, id=trouble.name, marks=() if trouble.cluster_lane else pytest.mark.campaign
        )


@pytest.mark.parametrize("trouble", list(rows()))
def test_status_tells_trouble_and_its_end(trouble: Trouble, site: TroubleSite) -> None:
    try:
        trouble.inject(site)
        state = site.wait(trouble.name, lambda state: tells(state, trouble), trouble.within, trouble.asked)
        print(describe(state))
        assert not [each for each in state["findings"] if each["code"] in trouble.never], describe(state)
        assert not state["is_well"], describe(state)
        trouble.repair(site)
        for says in (each for each in trouble.says if each.run):
            finding = next(each for each in state["findings"] if matches(each, says))
            site.run(finding["command"], finding["node"] or trouble.asked)
        if trouble.ends:
            clean_up(site, trouble)
            site.wait(
                f"{trouble.name} ended", lambda state: not unsolved(state), trouble.ends_within, trouble.asked
            )
    finally:
        trouble.heal(site)


def clean_up(site: TroubleSite, trouble: Trouble) -> None:
    """Run the commands that clear the failures from which services recovered."""
    site.wait(f"{trouble.name} ended", lambda state: not unsolved(state), trouble.ends_within, trouble.asked)
    failed = (each for each in problems(site.status(trouble.asked)) if each.get("code") == "service-failed")
    for finding in failed:
        site.run(finding["command"], finding["node"] or trouble.asked)


def unsolved(state: State) -> list[State]:
    """Return the problems other than failures from which services recovered, and changes by the commands."""
    return [each for each in problems(state) if each.get("code") not in ("service-failed", "drift")]


def tells(state: State, trouble: Trouble) -> bool:
    """Return whether the status has all expected findings and states."""
    states = {each["id"]: each.get("state") for each in state["services"]}
    expected = all(states.get(name) == value for name, value in trouble.states.items())
    return expected and all(any(matches(each, says) for each in state["findings"]) for says in trouble.says)


def matches(finding: State, says: Says) -> bool:
    """Return whether a finding is the expected one."""
    keys = ("text", "reason", "advice", "origin")
    text = " ".join([*(finding[key] for key in keys), *finding["lines"], " ".join(finding["command"])])
    named = finding["code"] == says.code and says.subject in ("", finding["subject"])
    return named and all(each in text for each in says.contains)
