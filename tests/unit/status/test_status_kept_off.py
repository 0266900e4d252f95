"""Services that a probe keeps off a node."""

import pytest
from lxml import etree
from node_states import health
from states import clone, service, state

from pacemaker_os.status.health.kept_off import KeptOff, kept_off


def cib(
    constraints: str = "", code: str = "5", operation: str = "monitor", properties: str = ""
) -> etree._Element:
    return etree.fromstring(
        f"<cib><configuration><crm_config><cluster_property_set>{properties}</cluster_property_set></crm_config>"
        "<resources><clone id='c'><primitive id='web' class='ocf'/></clone></resources>"
        f"<constraints>{constraints}</constraints></configuration><status><node_state uname='n2'><lrm>"
        "<lrm_resources><lrm_resource id='web:1'>"
        f"<lrm_rsc_op id='web_last_0' operation='{operation}' interval='0' rc-code='{code}'"
        " exit-reason='no x'/>"
        "</lrm_resource></lrm_resources></lrm></node_state></status></cib>"
    )


BAN = "<rsc_location rsc='{}' node='{}' score='-INFINITY'/>"
OPT_IN = "<nvpair name='symmetric-cluster' value='false'/>"


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (cib(), True),
        (cib(code="2"), True),
        (cib(code="7"), False),
        (cib(code="0"), False),
        (cib(operation="start"), False),
        (cib(BAN.format("c", "n2")), False),
        (cib(BAN.format("web", "N2")), False),
        (cib(BAN.format("c", "n1")), True),
        (cib("<rsc_location rsc-pattern='we.' node='n2' score='-INFINITY'/>"), False),
        (cib("<rsc_location rsc='c'><rule score='-INFINITY'/></rsc_location>"), False),
        (cib("<rsc_location rsc='c'><rule score='100'/></rsc_location>"), True),
        (cib("<rsc_location rsc='c' resource-discovery='exclusive'><rule score='1'/></rsc_location>"), False),
        (cib(properties=OPT_IN), False),
        (cib("<rsc_location rsc='c' node='n2' score='10'/>", properties=OPT_IN), True),
    ],
)
def test_probe_keeps_a_resource_off_a_node_that_it_may_run_on(tree: etree._Element, found: bool) -> None:
    assert [(each.resource, each.node) for each in kept_off(tree)] == ([("web", "n2")] if found else [])


WEB = KeptOff("lb", "n2", "its agent or program is not installed there", "no x")


def test_service_that_runs_elsewhere_is_reported_with_the_command() -> None:
    (found,) = state(services=(clone("lb", "n1", "n3"),), health=health(kept_off=(WEB,))).findings
    assert found.text == "lb cannot run on n2: its agent or program is not installed there"
    assert found.command == ("crm_resource", "--refresh", "--node", "n2", "--resource", "lb")


def test_several_services_of_a_node_are_one_finding() -> None:
    both = (WEB, KeptOff("vip", "n2", WEB.text))
    made = state(services=(clone("lb", "n1"), service("vip", "n1")), health=health(kept_off=both))
    (found,) = (each for each in made.findings if each.code == "service-kept-off")
    assert found.subject == "n2"


def test_service_that_runs_on_the_node_is_not_reported() -> None:
    assert state(health=health(kept_off=(WEB,))).findings == ()
