"""Advice about what a plan takes away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from pacemaker_os.plan.advice import advice, stays_stopped
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import NOTHING

FENCE = '<primitive id="f" class="stonith" type="fence_x"/>'
UNMANAGED = (
    '<group id="g"><meta_attributes id="m"><nvpair id="m1" name="is-managed" value="false"/>'
    "</meta_attributes>"
    '<primitive id="a" class="systemd" type="a"/></group>'
)
UNMANAGED_BY_LATER_SET = (
    '<primitive id="a" class="systemd" type="a"><meta_attributes id="m">'
    '<nvpair id="m1" name="is-managed" value="true"/></meta_attributes>'
    '<meta_attributes id="n"><nvpair id="n1" name="is-managed" value="false"/></meta_attributes></primitive>'
)


def cib(resources: str, properties: str = "") -> etree._Element:
    return etree.fromstring(
        f'<cib><configuration><crm_config><cluster_property_set id="p">{properties}</cluster_property_set>'
        f'</crm_config><nodes><node id="1" uname="n1"/></nodes><resources>{resources}</resources>'
        "<constraints/></configuration></cib>"
    )


def prop(name: str, value: str) -> str:
    return f'<nvpair id="p-{name}" name="{name}" value="{value}"/>'


@pytest.mark.parametrize(
    ("live", "target", "expected"),
    [
        (cib(FENCE), cib(""), "the last fencing device is removed: Pacemaker starts no resources"),
        (
            cib(FENCE),
            cib("", prop("stonith-enabled", "false")),
            "the last fencing device is removed: failed nodes are no longer fenced",
        ),
        (cib(UNMANAGED), cib(""), "a is unmanaged: if it is running, Pacemaker stops it"),
        (cib(UNMANAGED_BY_LATER_SET), cib(""), "a is unmanaged: if it is running, Pacemaker stops it"),
        (
            cib(UNMANAGED),
            cib("", prop("maintenance-mode", "true")),
            "a is unmanaged: if it is running, it keeps running after its removal",
        ),
    ],
)
def test_advice_names_what_a_plan_takes_away(
    live: etree._Element, target: etree._Element, expected: str
) -> None:
    found = list(advice(live, target, ()))
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_unknown_node_of_a_new_constraint_is_named() -> None:
    def location(node: str) -> ConfigChange:
        return ConfigChange(
            key="rsc_location:l",
            kind="location",
            name="l",
            parent_path=(("constraints", ()),),
            old=None,
            new=f'<rsc_location id="l" rsc="a" node="{node}" score="1"/>',
        )

    assert list(advice(cib(""), cib(""), [location("N1")])) == []
    assert list(advice(cib(""), cib(""), [location("n11")])) == [
        "location 'l' names the unknown node 'n11'; did you mean 'n1'?"
    ]


def test_new_resources_that_their_target_role_stops_are_named() -> None:
    def state(name: str, target_role: str) -> ResourceState:
        return ResourceState(
            id=name,
            agent="systemd:x",
            role="Stopped",
            nodes=(),
            parents=(),
            active=False,
            failed=False,
            managed=True,
            blocked=False,
            orphaned=False,
            target_role=target_role,
        )

    old, new = (
        state("old", "Stopped"),
        (state("a1", "stopped"), state("a2", "Stopped"), state("b:0", "slave")),
    )
    before, after = replace(NOTHING, resources=(old,)), replace(NOTHING, resources=(old, *new))
    assert list(stays_stopped(before, after)) == [
        "a[1-2]: not started, because of target-role Stopped",
        "b: not promoted, because of target-role Unpromoted",
    ]
