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


OWNED = (
    "<cib><configuration><crm_config><cluster_property_set id='pcs-os-owner'>"
    "<nvpair id='p' name='pcs-os-owner.web' value='rsc_order:o'/></cluster_property_set></crm_config>"
    "<resources/><constraints>{}</constraints></configuration></cib>"
)


@pytest.mark.parametrize(
    ("constraint", "kind"),
    [
        ('<rsc_order id="o" first="a" then="b"/>', "order"),
        ('<rsc_location id="o" rsc="a" node="n"/>', "location"),
        (
            '<rsc_order id="o"><resource_set id="s"><resource_ref id="a"/></resource_set></rsc_order>',
            "order",
        ),
    ],
)
def test_removal_of_resource_with_unowned_referrer_is_rejected(constraint: str, kind: str) -> None:
    with pytest.raises(InputError) as caught:
        reject_dangling(parse_cib(CIB.format("", constraint)), [REMOVED])
    assert [problem.message for problem in caught.value.problems] == [
        f"cannot remove primitive 'a': {kind} constraint 'o', which no document owns, refers to it; declare "
        "it in a document, or remove it first (for example: pcs constraint delete o)"
    ]


def test_removal_of_resource_with_referrer_of_other_document_names_the_document() -> None:
    cib = parse_cib(OWNED.format('<rsc_order id="o" first="a" then="b"/>'))
    with pytest.raises(InputError) as caught:
        reject_dangling(cib, [REMOVED])
    assert [problem.message for problem in caught.value.problems] == [
        "cannot remove primitive 'a': order constraint 'o', which document 'web' owns, refers to it; "
        "remove the reference from that document first"
    ]


def test_removal_of_unreferenced_resource_is_accepted() -> None:
    reject_dangling(parse_cib(CIB.format("", '<rsc_location id="o" rsc="b" node="n"/>')), [REMOVED])
    inside = '<clone id="c"><primitive id="a"/></clone>'
    order = '<rsc_order id="o" first="a" then="c"/>'
    reject_dangling(parse_cib(CIB.format(inside, order)), [REMOVED])
    reject_dangling(parse_cib(CIB.format("", order)), [])
