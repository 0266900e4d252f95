"""Constraints, sets and groups as relations of two."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.cib.tree.relations import read_relations

#: The words of a set that is no sequence.
ANY = 'sequential="false"'


def configuration(inside: str) -> etree._Element:
    return etree.fromstring(f"<configuration>{inside}</configuration>")


def said(constraint: str, rest: str = "") -> list[str]:
    """Each relation as `first>then` (order), `first=then` (together) or `first/then` (apart)."""
    found = read_relations(configuration(f"<constraints>{constraint}</constraints>{rest}"))
    signs = {("order", False): ">", ("colocation", False): "=", ("colocation", True): "/"}
    return [
        f"{each.first}{signs[each.kind, each.apart]}{each.then}{'' if each.mandatory else '?'}"
        for each in found
    ]


def members(names: str, words: str = "") -> str:
    refs = "".join(f'<resource_ref id="{name}"/>' for name in names)
    return f'<resource_set id="s" {words}>{refs}</resource_set>'


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
        (f'<rsc_order id="o">{members("ab", ANY)}{members("c")}</rsc_order>', ["a>c", "b>c"]),
        (f'<rsc_order id="o">{members("ab")}{members("cd", ANY)}</rsc_order>', ["a>b", "b>c", "b>d"]),
        (f'<rsc_colocation id="c">{members("abc")}</rsc_colocation>', ["a=b", "b=c"]),
        (f'<rsc_colocation id="c">{members("ab", ANY)}{members("c")}</rsc_colocation>', ["c=a", "c=b"]),
        ('<rsc_ticket id="t" rsc="a" ticket="t"/>', []),
    ],
)
def test_constraints(constraint: str, expected: list[str]) -> None:
    assert said(constraint) == expected


def test_group_is_an_order_and_a_colocation() -> None:
    group = '<resources><group id="g"><primitive id="a"/><primitive id="b"/></group></resources>'
    assert said("", group) == ["a>b", "a=b"]


def test_tag_stands_for_its_members() -> None:
    tag = '<tags><tag id="t"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>'
    assert said('<rsc_order id="o" first="t" then="c"/>', tag) == ["a>c", "b>c"]
