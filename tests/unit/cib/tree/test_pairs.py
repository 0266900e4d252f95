"""The pairs of raw sets in the order of their precedence, as Pacemaker 2.1 and 3.0 read them."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, hosts
from pacemaker_os.cib.tree.pairs import effective_pairs, possible_values
from pacemaker_os.cib.tree.properties import read_properties


def nvset(number: int, value: str, score: str = "", rule: str = "", tag: str = "meta_attributes") -> str:
    scored = f' score="{score}"' if score else ""
    return f'<{tag} id="s{number}"{scored}>{rule}<nvpair id="p{number}" name="x" value="{value}"/></{tag}>'


RULE = '<rule id="r"><date_expression id="d" operation="gt" start="2026-01-01"/></rule>'


@pytest.mark.parametrize(
    ("sets", "effective", "possible"),
    [
        (nvset(1, "a") + nvset(2, "b"), "b", ["b"]),
        (nvset(1, "a", "5") + nvset(2, "b"), "a", ["a"]),
        (nvset(1, "a", "-INFINITY") + nvset(2, "b", "-5"), "b", ["b"]),
        (nvset(1, "a") + nvset(2, "b", rule=RULE), "a", ["b", "a"]),
        (nvset(1, "a", rule=RULE) + nvset(2, "b"), "b", ["b"]),
        (nvset(1, "a") + '<meta_attributes id-ref="other"/>', "c", ["c"]),
        ("", None, []),
    ],
)
def test_precedence_of_sets(sets: str, effective: str | None, possible: list[str]) -> None:
    other = nvset(9, "c").replace("s9", "other")
    parent = etree.fromstring(f"<root><primitive>{sets}</primitive><defaults>{other}</defaults></root>")[0]
    assert effective_pairs(parent, "meta_attributes").get("x") == effective
    assert possible_values(parent, "meta_attributes", ("x",)) == possible


def properties(*sets: str) -> etree._Element:
    return etree.fromstring(
        f"<cib><configuration><crm_config>{''.join(sets)}</crm_config></configuration></cib>"
    )


def property_set(identifier: str, name: str, value: str, rule: str = "") -> str:
    pair = f'<nvpair id="{identifier}-1" name="{name}" value="{value}"/>'
    return f'<cluster_property_set id="{identifier}" score="3">{rule}{pair}</cluster_property_set>'


def test_first_property_set_takes_precedence_over_every_score() -> None:
    first = property_set("cib-bootstrap-options", "stonith-enabled", "false").replace(' score="3"', "")
    cib = properties(property_set("a", "fencing-enabled", "true"), first)
    assert not fencing_is_on(cib)
    assert read_properties(cib[0]) == {"stonith-enabled": "false"}


def test_fencing_that_a_rule_enables_is_on() -> None:
    cib = properties(
        property_set("a", "stonith-enabled", "no"), property_set("b", "stonith-enabled", "yes", RULE)
    )
    assert fencing_is_on(cib)


def test_hosts_of_a_device_are_those_of_the_last_set() -> None:
    sets = (
        f'<instance_attributes id="{name}"><nvpair id="{name}-1" name="pcmk_host_list" value="{value}"/>'
        "</instance_attributes>"
        for name, value in (("a", "n1"), ("b", "n2,n3"))
    )
    assert hosts(etree.fromstring(f"<primitive>{''.join(sets)}</primitive>")) == {"n2", "n3"}
