"""Rejection of removals that leave references without a target."""

from __future__ import annotations

import pytest

from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.references import reject_dangling

CIB = "<cib><configuration><resources>{}</resources><constraints>{}</constraints></configuration></cib>"
REMOVED = ConfigChange(
    key="primitive:a",
    kind="primitive",
    name="a",
    parent_path=(("resources", ()),),
    old='<primitive id="a"/>',
    new=None,
)


@pytest.mark.parametrize(
    "constraint",
    [
        '<rsc_order id="o" first="a" then="b"/>',
        '<rsc_location id="o" rsc="a" node="n"/>',
        '<rsc_order id="o"><resource_set id="s"><resource_ref id="a"/></resource_set></rsc_order>',
    ],
)
def test_removal_of_referenced_resource_is_rejected(constraint: str) -> None:
    with pytest.raises(
        InputError,
        match=r"cannot remove primitive 'a': rsc_\w+ 'o', which no document owns, still references it",
    ):
        reject_dangling(parse_cib(CIB.format("", constraint)), [REMOVED])


def test_removal_of_unreferenced_resource_is_accepted() -> None:
    reject_dangling(parse_cib(CIB.format("", '<rsc_location id="o" rsc="b" node="n"/>')), [REMOVED])
    inside = '<clone id="c"><primitive id="a"/></clone>'
    order = '<rsc_order id="o" first="a" then="c"/>'
    reject_dangling(parse_cib(CIB.format(inside, order)), [REMOVED])
    reject_dangling(parse_cib(CIB.format("", order)), [])
