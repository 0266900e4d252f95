"""Targets of commands and of saved plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster import Target
from pacemaker_os.cluster.planning.saved_plan import target_of
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.plan import Plan


def plan(target: Target) -> Plan:
    return Plan(document="d", cluster="c", base=Version(0, 1, 0), digest="", target=target.saved())


@pytest.mark.parametrize(
    "target", [Target(), Target(cib_file="/x/cib.xml"), Target(container="c"), Target(ssh="root@n1")]
)
def test_saved_plan_without_given_target_uses_its_own(target: Target) -> None:
    assert target_of(plan(target), Target()) == target
    assert target_of(plan(target), target) == target


def test_saved_plan_for_relative_file_has_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = plan(Target(cib_file="cib.xml"))
    monkeypatch.chdir("/")
    assert target_of(saved, Target()) == Target(cib_file=str(tmp_path / "cib.xml"))


def test_saved_plan_accepts_link_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("cib.xml")
    saved = plan(Target(cib_file=str(tmp_path / "cib.xml")))
    assert target_of(saved, Target(cib_file=str(tmp_path / "link"))) == Target.of_saved(saved.target)


@pytest.mark.parametrize(
    ("own", "given", "names"),
    [
        (Target(cib_file="/a.xml"), Target(cib_file="/b.xml"), ("--cib-file /a.xml", "--cib-file /b.xml")),
        (Target(), Target(ssh="n1"), ("the cluster of this machine", "--ssh n1")),
        (Target(container="c"), Target(ssh="n1"), ("--container c", "--ssh n1")),
    ],
)
def test_saved_plan_with_different_target_names_both(
    own: Target, given: Target, names: tuple[str, str]
) -> None:
    with pytest.raises(ClusterError) as caught:
        target_of(plan(own), given)
    assert all(name in str(caught.value) for name in names)
