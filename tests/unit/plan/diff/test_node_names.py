"""Node names in documents and in the cluster."""

from __future__ import annotations

import pytest

from pacemaker_os.cib import Cib
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.compare import PlanOptions, compare

LIVE = """
<configuration><crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
<resources><primitive id="a" class="systemd" type="a"/></resources>
<constraints/></configuration>
"""


def desired(nodes: str, *, constraints: str = "", resources: str = "") -> Cib:
    return Cib.from_xml(
        f"<configuration><crm_config/><nodes>{nodes}</nodes><resources>{resources}</resources>"
        f"<constraints>{constraints}</constraints></configuration>"
    )


def node(name: str) -> str:
    return (
        f'<node uname="{name}"><instance_attributes><nvpair name="rack" value="a"/>'
        "</instance_attributes></node>"
    )


def test_names_of_another_case_are_those_of_the_cluster() -> None:
    location = '<rsc_location rsc="a" node="N2" score="1"/>'
    found = compare(Cib.from_xml(LIVE), desired(node("N1"), constraints=location))
    assert [change.name for change in found if not change.is_ownership] == ["n1 rack", "location-a-n2-1"]
    assert dict(found[0].parent_path[1][1])["uname"] == "n1"


def test_unknown_name_is_rejected() -> None:
    with pytest.raises(InputError, match="unknown node 'n11'"):
        compare(Cib.from_xml(LIVE), desired(node("n11")))


def test_unknown_name_is_a_new_node_if_new_nodes_are_accepted() -> None:
    found = compare(Cib.from_xml(LIVE), desired(node("n3")), options=PlanOptions(new_nodes=True))
    assert dict(found[0].parent_path[1][1])["id"] == "3"


@pytest.mark.parametrize(
    "resource",
    [
        '<primitive id="r1" class="ocf" provider="pacemaker" type="remote"/>',
        '<group id="g"><primitive id="vm" class="systemd" type="vm"><meta_attributes>'
        '<nvpair name="remote-node" value="r1"/></meta_attributes></primitive></group>',
    ],
)
def test_remote_and_guest_nodes_of_the_document_are_known(resource: str) -> None:
    found = compare(Cib.from_xml(LIVE), desired(node("r1"), resources=resource))
    attribute = next(change for change in found if change.section == "nodes")
    assert dict(attribute.parent_path[1][1])["type"] == "remote"
