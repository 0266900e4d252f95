"""Cluster-maintained node attributes: they are not drift, and are neither removed nor exported."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.plan.diff.compare import PlanOptions, comparison
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

LIVE = """
<cib><configuration><crm_config/><nodes>
<node id="compute01" uname="compute01" type="remote">
<instance_attributes id="nodes-compute01">
<nvpair id="nodes-compute01-nova-evacuation" name="nova-evacuation" value="r1 open"/>
<nvpair id="nodes-compute01-rack" name="rack" value="7"/>
</instance_attributes></node>
</nodes><resources/><constraints/></configuration><status/></cib>
"""


def test_authoritative_document_keeps_open_evacuation_request() -> None:
    live = parse_cib(LIVE)
    found = comparison(
        Cib.from_xml(LIVE),
        Cib.from_xml("<configuration/>"),
        owner="site",
        tree=content.configuration(live),
        options=PlanOptions(authoritative=True),
    )
    names = [pair.get("name") for pair in planned(live, found.changes).iter("nvpair")]
    assert "nova-evacuation" in names
    assert "rack" not in names


def test_export_excludes_evacuation_request() -> None:
    exported, skipped = exportable(Cib.from_xml(LIVE))
    assert "nova-evacuation" not in etree.tostring(exported.to_element()).decode()
    assert skipped.overrides == ()
    assert skipped.maintained == (
        "node attribute compute01 nova-evacuation (ocf:pacemaker-os:nova-evacuate)",
    )
