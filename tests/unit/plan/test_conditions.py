"""Conditions of a cluster under which a change has no effect, or may be lost."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.plan.conditions import conditions


def cib(
    properties: str = "", *, quorum: str = "1", attributes: tuple[str, ...] = ("", "", "")
) -> etree._Element:
    nodes = "".join(
        f'<node id="{number}" uname="n{number}"><instance_attributes id="a{number}">{pairs}'
        "</instance_attributes></node>"
        for number, pairs in enumerate(attributes, 1)
    )
    return etree.fromstring(
        f'<cib have-quorum="{quorum}"><configuration><crm_config><cluster_property_set id="p">{properties}'
        f"</cluster_property_set></crm_config><nodes>{nodes}</nodes></configuration><status>"
        '<node_state id="1" uname="n1" crmd="1796061159"/><node_state id="2" uname="n2" crmd="0"/>'
        '<node_state id="3" uname="n3" crmd="offline"/></status></cib>'
    )


def pair(name: str, value: str) -> str:
    return f'<nvpair id="{name}" name="{name}" value="{value}"/>'


def found(target: etree._Element, *, live: bool = True) -> list[str]:
    return list(conditions(target, target, live=live))


def test_healthy_cluster_has_no_conditions() -> None:
    assert found(cib(pair("maintenance-mode", "false") + pair("stop-all-resources", "no"))) == []


@pytest.mark.parametrize("value", ["true", "on", "1", "YES"])
def test_maintenance_mode_starts_nothing(value: str) -> None:
    (text,) = found(cib(pair("maintenance-mode", value)))
    assert text.startswith("the cluster is in maintenance mode: Pacemaker starts, stops and monitors nothing")


def test_plan_that_ends_maintenance_mode_is_not_warned_of() -> None:
    assert list(conditions(cib(), cib(pair("maintenance-mode", "true")), live=True)) == []


def test_stop_all_resources_starts_nothing() -> None:
    assert found(cib(pair("stop-all-resources", "true")))[0].startswith("stop-all-resources is true")


def test_only_a_cluster_without_any_active_node_is_warned_of() -> None:
    standby, maintenance = pair("standby", "on"), pair("maintenance", "true")
    assert found(cib(attributes=(standby, maintenance, ""))) == []
    assert found(cib(attributes=(standby, maintenance, standby))) == [
        "every node is in standby or in maintenance mode: nothing starts"
    ]


@pytest.mark.parametrize(
    ("policy", "does"),
    [
        ("", "Pacemaker stops its services"),
        ("freeze", "Pacemaker starts no services in it"),
        ("Ignore", "Pacemaker runs services as with quorum"),
        ("suicide", "Pacemaker fences its nodes"),
        ("fence", "Pacemaker fences its nodes"),
        ("demote", "Pacemaker demotes its promoted instances and stops its other services"),
    ],
)
def test_change_without_quorum_may_be_lost(policy: str, does: str) -> None:
    (text,) = found(cib(pair("no-quorum-policy", policy) if policy else "", quorum="0"))
    assert text.startswith(f"this partition has no quorum (1 of 3 nodes online): {does}. ")
    assert "A change here may be lost" in text


def test_file_has_no_quorum() -> None:
    assert found(cib(quorum="0"), live=False) == []
