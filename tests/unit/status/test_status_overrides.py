"""Operator overrides, and the commands that remove them."""

from __future__ import annotations

import pytest
from lxml import etree
from states import result, state

from pacemaker_os.cib.overrides import Override
from pacemaker_os.status.overrides import read_overrides


def meta(name: str, value: str) -> str:
    pair = f'<nvpair id="p" name="{name}" value="{value}"/>'
    return (
        f'<resources><clone id="c"><meta_attributes id="m">{pair}</meta_attributes>'
        '<primitive id="a"/></clone></resources>'
    )


def attribute(name: str) -> str:
    pair = f'<nvpair id="p" name="{name}" value="on"/>'
    inside = f'<instance_attributes id="i">{pair}</instance_attributes>'
    return f'<nodes><node id="1" uname="n1">{inside}</node></nodes>'


def constraint(identifier: str, inside: str, more: str = "") -> str:
    return (
        f'<constraints><rsc_location id="{identifier}" rsc="vip" {more}>{inside}</rsc_location></constraints>'
    )


def cluster_property(name: str) -> str:
    pair = f'<nvpair id="p" name="{name}" value="true"/>'
    return f'<crm_config><cluster_property_set id="s">{pair}</cluster_property_set></crm_config>'


UNTIL = (
    '<rule id="r" score="-INFINITY" boolean-op="and"><expression id="e" attribute="#uname" operation="eq"'
    ' value="n2"/><date_expression id="d" operation="lt" end="2026-01-02 03:04:05Z"/></rule>'
)

CASES = [
    (cluster_property("maintenance-mode"), Override(kind="maintenance-mode"), "crm_attribute --name"),
    (cluster_property("stop-all-resources"), Override(kind="stop-all-resources"), "crm_attribute --name"),
    (attribute("standby"), Override(kind="standby", what="n1"), "crm_attribute --node n1 --name standby"),
    (attribute("maintenance"), Override(kind="node-maintenance", what="n1"), "--node n1 --name maintenance"),
    (meta("target-role", "Stopped"), Override(kind="stopped", what="c"), "--delete-parameter target-role"),
    (meta("target-role", "Slave"), Override(kind="unpromoted", what="c"), "--delete-parameter target-role"),
    (meta("is-managed", "no"), Override(kind="unmanaged", what="c"), "--delete-parameter is-managed"),
    (meta("maintenance", "1"), Override(kind="maintenance", what="c"), "--delete-parameter maintenance"),
    (
        constraint("cli-ban-vip-on-n2", "", 'node="n2" score="-INFINITY"'),
        Override(kind="ban", what="vip", node="n2"),
        "crm_resource --clear --resource vip --node n2",
    ),
    (
        constraint("cli-ban-vip-on-n2", UNTIL),
        Override(kind="ban", what="vip", node="n2", until="2026-01-02 03:04:05Z"),
        "--clear",
    ),
    (
        constraint("cli-prefer-vip", "", 'node="n3" score="INFINITY"'),
        Override(kind="prefer", what="vip", node="n3"),
        "--clear",
    ),
    (
        '<constraints><rsc_ticket id="t" rsc="vip" ticket="east"/></constraints>',
        Override(kind="ticket", what="east"),
        "crm_ticket --ticket east --info",
    ),
]


@pytest.mark.parametrize(("inside", "expected", "command"), CASES, ids=lambda case: getattr(case, "kind", ""))
def test_override_is_read_and_its_removal_command_reported(
    inside: str, expected: Override, command: str
) -> None:
    cib = etree.fromstring(f"<cib><configuration>{inside}</configuration></cib>")
    overrides = read_overrides(cib, result(""))
    assert overrides == (expected,)
    (finding,) = state(overrides=overrides).findings
    assert command in " ".join(finding.command)
    assert (finding.severity == "warning") == (expected.what == "")


def test_permanent_configuration_is_not_an_override() -> None:
    inside = constraint("vip-not-on-n2", "", 'node="n2" score="-INFINITY"') + meta("target-role", "Started")
    assert (
        read_overrides(etree.fromstring(f"<cib><configuration>{inside}</configuration></cib>"), result(""))
        == ()
    )


def test_granted_ticket_is_not_an_override() -> None:
    inside = '<constraints><rsc_ticket id="t" rsc="vip" ticket="east"/></constraints>'
    granted = result('<tickets><ticket id="east" status="granted" standby="false"/></tickets>')
    assert (
        read_overrides(etree.fromstring(f"<cib><configuration>{inside}</configuration></cib>"), granted) == ()
    )


def test_transient_standby_is_an_override() -> None:
    cib = etree.fromstring(
        '<cib><configuration/><status><node_state uname="n1"><transient_attributes><instance_attributes>'
        '<nvpair name="standby" value="true"/></instance_attributes></transient_attributes></node_state>'
        "</status></cib>"
    )
    assert read_overrides(cib, result("")) == (Override(kind="standby", what="n1"),)
