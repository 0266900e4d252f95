"""Forgetting documents: only those whose objects are gone, unless their objects are released."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.cib import Cib
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.forget import prepare_forget
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.pcs import pcs_lines
from pacemaker_os.render.plan.text import plan_lines

PAIR = '<nvpair id="pcs-os-owner.{0}" name="pcs-os-owner.{0}" value="{1}"/>'
RECORD = (
    PAIR.format("here", "primitive:a property:batch-limit")
    + PAIR.format("half", "primitive:b primitive:y")
    + PAIR.format("gone", "primitive:z rsc_order:o override:z:target-role")
    + '<nvpair id="pcs-os-apply" name="pcs-os-apply" value="20260101T120000-0.43"/>'
)
CIB = f"""
<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="5" num_updates="0"><configuration><crm_config>
<cluster_property_set id="pcs-os-owner">{RECORD}</cluster_property_set>
<cluster_property_set id="p"><nvpair id="p1" name="batch-limit" value="10"/></cluster_property_set>
</crm_config><nodes/><resources><primitive id="a" class="ocf" provider="pacemaker" type="Dummy"/>
<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/></resources><constraints/></configuration>
<status/></cib>
"""


@pytest.fixture
def cib(tmp_path: Path) -> Path:
    path = tmp_path / "cib.xml"
    path.write_text(CIB)
    return path


def forget(cib: Path, *names: str, release: bool = False) -> Prepared:
    return prepare_forget(connect(Target(cib_file=str(cib))), names, release=release)


def text(plan: Plan) -> list[str]:
    return [each.plain for each in plan_lines(plan, 80)]


def test_document_without_objects_is_forgotten(cib: Path) -> None:
    prepared = forget(cib, "gone")
    assert not prepared.plan.is_empty
    assert prepared.plan.object_changes == ()
    assert set(owned(Cib.from_element(prepared.target))) == {"here", "half"}
    assert prepared.target.find(".//nvpair[@id='pcs-os-apply']") is not None
    shown = text(prepared.plan)
    assert "  order o  forgotten; document gone owned it, but it is gone" in shown
    assert "  primitive z  forgotten; document gone owned it, but it is gone" in shown
    assert "Owner:  2 of gone forgotten." in shown
    assert Plan.loads(prepared.plan.dumps()) == prepared.plan


@pytest.mark.parametrize(
    ("name", "objects"), [("here", "2 objects .*primitive a, property batch-limit"), ("half", "1 object ")]
)
def test_document_with_objects_is_refused_unless_released(cib: Path, name: str, objects: str) -> None:
    with pytest.raises(InputError, match=f"cannot forget document '{name}': it owns {objects}.*--release"):
        forget(cib, "gone", name)
    prepared = forget(cib, "gone", name, release=True)
    assert not {"gone", name} & set(owned(Cib.from_element(prepared.target)))
    assert len(prepared.target.find(".//resources")) == 2


def test_released_objects_have_a_line_each(cib: Path) -> None:
    prepared = forget(cib, "here", release=True)
    assert "  primitive a  released by document here; it stays in the cluster" in text(prepared.plan)
    comments = list(pcs_lines(prepared.plan, prepared.start))
    assert any("property batch-limit released by document here" in each for each in comments)


def test_unknown_document_names_the_known_ones(cib: Path) -> None:
    with pytest.raises(InputError, match="unknown document 'gine'; did you mean 'gone'"):
        forget(cib, "gine")
    with pytest.raises(InputError, match=r"unknown document 'x\.yaml'; .*gone, half, here"):
        forget(cib, "x.yaml")


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="file not found"):
        forget(tmp_path / "none.xml", "gone")
