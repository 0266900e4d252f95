"""Relations between two resources from constraints, sets, groups and tags."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.cib.tree.relations import read_relations

#: The attribute of a set without a sequence.
UNORDERED = 'sequential="false"'


def configuration(inside: str) -> etree._Element:
    return etree.fromstring(f"<configuration>{inside}</configuration>")


def relations(constraint: str, rest: str = "") -> list[str]:
    """Return relations as `first>then` (order), `first=then` (same node) or `first/then` (other node)."""
    found = read_relations(configuration(f"<constraints>{constraint}</constraints>{rest}"))
    signs = {("order", False): ">", ("colocation", False): "=", ("colocation", True): "/"}
    return [
        f"{each.first}{signs[each.kind, each.apart]}{each.then}{'' if each.mandatory else '?'}"
        for each in found
    ]


def members(names: str, attributes: str = "") -> str:
    refs = "".join(f'<resource_ref id="{name}"/>' for name in names)
    return f'<resource_set id="s" {attributes}>{refs}</resource_set>'


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ('<rsc_order id="o" first="a" then="b"/>', ["a>b"]),
        ('<rsc_order id="o" first="a" then="b" kind="Optional"/>', ["a>b?"]),
        ('<rsc_order id="o" first="a" then="b" score="0"/>', ["a>b?"]),
        ('<rsc_order id="o" first="a" first-action="stop" then="b"/>', []),
        ('<rsc_colocation id="c" rsc="b" with-rsc="a" score="INFINITY"/>', ["a=b"]),
        ('<rsc_colocation id="c" rsc="b" with-rsc="a" score="100"/>', ["a=b?"]),
        ('<rsc_colocation id="c" rsc="b" with-rsc="a" score="-INFINITY"/>', ["a/b"]),
        (f'<rsc_order id="o">{members("abc")}</rsc_order>', ["a>b", "b>c"]),
        (f'<rsc_order id="o">{members("ab", UNORDERED)}{members("c")}</rsc_order>', ["a>c", "b>c"]),
        (f'<rsc_order id="o">{members("ab")}{members("cd", UNORDERED)}</rsc_order>', ["a>b", "b>c", "b>d"]),
        (f'<rsc_colocation id="c">{members("abc")}</rsc_colocation>', ["a=b", "b=c"]),
        (f'<rsc_colocation id="c">{members("ab", UNORDERED)}{members("c")}</rsc_colocation>', ["c=a", "c=b"]),
        ('<rsc_ticket id="t" rsc="a" ticket="t"/>', []),
    ],
)
def test_constraint_has_expected_relations(constraint: str, expected: list[str]) -> None:
    assert relations(constraint) == expected


def test_group_has_order_and_colocation() -> None:
    group = '<resources><group id="g"><primitive id="a"/><primitive id="b"/></group></resources>'
    assert relations("", group) == ["a>b", "a=b"]


def test_tag_is_replaced_by_its_members() -> None:
    tag = '<tags><tag id="t"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>'
    assert relations('<rsc_order id="o" first="t" then="c"/>', tag) == ["a>c", "b>c"]
