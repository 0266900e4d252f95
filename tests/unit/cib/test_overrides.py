"""Operator overrides in a configuration."""

from __future__ import annotations

import pytest

from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import Override, read_overrides


def overrides(section: str, inside: str) -> list[Override]:
    return list(
        read_overrides(Cib.from_xml(f"<configuration><{section}>{inside}</{section}></configuration>"))
    )


def meta(name: str, value: str) -> str:
    return f'<meta_attributes id="m"><nvpair id="p" name="{name}" value="{value}"/></meta_attributes>'


@pytest.mark.parametrize(
    ("section", "inside", "expected", "description"),
    [
        (
            "crm_config",
            '<cluster_property_set id="s"><nvpair id="p" name="maintenance-mode" value="on"/>'
            "</cluster_property_set>",
            Override(kind="maintenance-mode"),
            "property maintenance-mode on",
        ),
        (
            "nodes",
            '<node id="1" uname="n1"><instance_attributes id="s"><nvpair id="p" name="standby" value="yes"/>'
            "</instance_attributes></node>",
            Override(kind="standby", what="n1"),
            "node attribute n1 standby yes",
        ),
        (
            "resources",
            f'<clone id="c"><primitive id="a">{meta("target-role", "Stopped")}</primitive></clone>',
            Override(kind="stopped", what="a"),
            "resource a target-role Stopped",
        ),
        (
            "resources",
            f'<primitive id="a">{meta("target-role", "Started")}</primitive>',
            Override(kind="", what="a"),
            "resource a target-role Started",
        ),
        (
            "resources",
            f'<template id="t">{meta("is-managed", "false")}</template>',
            Override(kind="", what="t"),
            "resource t is-managed false",
        ),
        (
            "constraints",
            '<rsc_location id="cli-ban-a-on-n1" rsc="a" node="n1" score="-INFINITY"/>',
            Override(kind="ban", what="a", node="n1"),
            "location cli-ban-a-on-n1",
        ),
        (
            "constraints",
            '<rsc_location id="cli-prefer-a" rsc="a"><rule id="r" score="INFINITY"><expression id="e" '
            'attribute="#uname" operation="eq" value="n2"/><date_expression id="d" operation="lt" '
            'end="2030-01-01"/></rule></rsc_location>',
            Override(kind="prefer", what="a", node="n2", until="2030-01-01"),
            "location cli-prefer-a",
        ),
    ],
)
def test_override_is_read(section: str, inside: str, expected: Override, description: str) -> None:
    (found,) = overrides(section, inside)
    assert (found, found.description) == (expected, description)


def test_set_with_rule_is_not_an_override() -> None:
    rule = '<rule id="r"><date_expression id="d" operation="gt" start="2030-01-01"/></rule>'
    conditional = meta("target-role", "Stopped").replace("<nvpair", f"{rule}<nvpair", 1)
    assert overrides("resources", f'<primitive id="a">{conditional}</primitive>') == []


def test_last_set_of_equal_scores_counts() -> None:
    pairs = meta("target-role", "Started") + meta("target-role", "Stopped")
    found = overrides("resources", f'<primitive id="a">{pairs}</primitive>')
    assert [each.kind for each in found] == ["stopped"]
