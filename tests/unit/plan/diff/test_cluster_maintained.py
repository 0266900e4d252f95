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


MACHINES = """
<cib><configuration><crm_config/><nodes/><resources>
<template id="t" class="ocf" provider="heartbeat" type="VirtualDomain"/>
<primitive id="vm" class="ocf" provider="heartbeat" type="VirtualDomain">
<utilization id="vm-u"><nvpair id="vm-u-cpu" name="cpu" value="8"/>
<nvpair id="vm-u-gpu" name="gpu" value="1"/></utilization></primitive>
<primitive id="of-template" template="t">
<utilization id="of-u"><nvpair id="of-u-mem" name="hv_memory" value="512"/></utilization></primitive>
<clone id="by-hand-clone"><primitive id="by-hand" class="ocf" provider="heartbeat" type="VirtualDomain">
<instance_attributes id="p"><nvpair id="p-cpu" name="autoset_utilization_cpu" value="no"/>
</instance_attributes>
<utilization id="hand-u"><nvpair id="hand-u-cpu" name="cpu" value="2"/></utilization></primitive></clone>
<primitive id="xen" class="ocf" provider="heartbeat" type="Xen">
<utilization id="xen-u"><nvpair id="xen-u-cpu" name="cpu" value="2"/></utilization></primitive>
</resources><constraints/></configuration></cib>
"""


def test_export_excludes_utilization_that_agents_write() -> None:
    exported, skipped = exportable(Cib.from_xml(MACHINES))
    text = etree.tostring(exported.to_element()).decode()
    assert [
        name for name in ("vm-u-cpu", "of-u-mem", "vm-u-gpu", "hand-u-cpu", "xen-u-cpu") if name in text
    ] == [
        "vm-u-gpu",
        "hand-u-cpu",
        "xen-u-cpu",
    ]
    assert skipped.maintained == (
        "utilization vm cpu (ocf:heartbeat:VirtualDomain)",
        "utilization of-template hv_memory (ocf:heartbeat:VirtualDomain)",
    )


def test_utilization_that_agents_write_is_no_drift_and_survives_changes() -> None:
    live = Cib.from_xml(MACHINES)
    exported, _ = exportable(live)
    tree = content.configuration(parse_cib(MACHINES))
    assert comparison(live, exported, owner="site", tree=tree).changes == ()
    changed = (
        etree.tostring(exported.to_element()).decode().replace('name="gpu" value="1"', 'name="gpu" value="2"')
    )
    found = comparison(live, Cib.from_xml(changed), owner="site", tree=tree)
    [change, _ownership] = found.changes
    assert [str(each.path) for each in change.details] == ["utilization.gpu"]
    assert 'id="vm-u-cpu" name="cpu" value="8"' in str(change.new)


def test_declared_values_that_the_cluster_maintains_are_named() -> None:
    declared = MACHINES.replace('value="8"', 'value="4"').replace(
        "<crm_config/>",
        '<crm_config><cluster_property_set id="p"><nvpair id="p-v" name="dc-version" value="1"/>'
        "</cluster_property_set></crm_config>",
    )
    found = comparison(Cib.from_xml(MACHINES), Cib.from_xml(declared), owner="site")
    assert found.changes == ()
    assert found.not_written == (
        "property dc-version (Pacemaker)",
        "utilization vm cpu (ocf:heartbeat:VirtualDomain)",
    )
