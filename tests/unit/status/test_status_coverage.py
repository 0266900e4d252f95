"""The fencing devices of each node."""

import pytest
from lxml import etree

from pacemaker_os.status.health.coverage import coverage, untested

NODES = "<nodes><node id='1' uname='n1'/><node id='2' uname='n2'/></nodes>"


def device(name: str, meta: str = "", **parameters: str) -> str:
    pairs = "".join(f"<nvpair name='{key}' value='{value}'/>" for key, value in parameters.items())
    return (
        f"<primitive id='{name}' class='stonith' type='fence_x'>"
        f"<instance_attributes>{pairs}</instance_attributes><meta_attributes>{meta}</meta_attributes></primitive>"
    )


def cib(*resources: str, properties: str = "", topology: str = "", status: str = "") -> etree._Element:
    return etree.fromstring(
        f"<cib><configuration><crm_config><cluster_property_set>{properties}</cluster_property_set></crm_config>"
        f"{NODES}<resources>{''.join(resources)}</resources><fencing-topology>{topology}</fencing-topology>"
        f"</configuration><status>{status}</status></cib>"
    )


def nvpair(name: str, value: str) -> str:
    return f"<nvpair name='{name}' value='{value}'/>"


STOPPED = nvpair("target-role", "stopped")
REMOTE = "<primitive id='r1' class='ocf' provider='pacemaker' type='remote'/>"
GUEST = (
    "<primitive id='vm' class='ocf' provider='heartbeat' type='VirtualDomain'>"
    "<meta_attributes><nvpair name='remote-node' value='g1'/></meta_attributes></primitive>"
)
WATCHDOG = nvpair("have-watchdog", "true") + nvpair("stonith-watchdog-timeout", "10s")
BOTH = device("d", pcmk_host_list="n1,n2")


@pytest.mark.parametrize(
    ("tree", "devices"),
    [
        (cib(device("d", pcmk_host_list="n1 n2")), {"n1": ("d",), "n2": ("d",)}),
        (cib(device("d", pcmk_host_list="N1")), {"n1": ("d",), "n2": ()}),
        (cib(device("d", pcmk_host_map="n1:plug1;n2:plug2")), {"n1": ("d",), "n2": ("d",)}),
        (cib(device("d", meta=STOPPED, pcmk_host_list="n1 n2")), {"n1": (), "n2": ()}),
        (cib(device("d", pcmk_host_check="none")), {"n1": ("d",), "n2": ("d",)}),
        (cib(device("d", pcmk_host_check="static-list", pcmk_host_list="n2")), {"n1": (), "n2": ("d",)}),
        (cib(), {"n1": (), "n2": ()}),
        (cib(BOTH, REMOTE), {"n1": ("d",), "n2": ("d",), "r1": ()}),
        (cib(BOTH, GUEST), {"n1": ("d",), "n2": ("d",)}),
        (cib(properties=WATCHDOG), {"n1": ("watchdog",), "n2": ("watchdog",)}),
        (
            cib(BOTH, topology="<fencing-level target='n1' index='1' devices='d,gone'/>"),
            {"n1": (), "n2": ("d",)},
        ),
        (
            cib(
                BOTH,
                topology="<fencing-level target-pattern='n.' index='1' devices='gone'/>"
                "<fencing-level target-pattern='n.' index='2' devices='d'/>",
            ),
            {"n1": ("d",), "n2": ("d",)},
        ),
    ],
)
def test_coverage_lists_the_devices_of_each_node(
    tree: etree._Element, devices: dict[str, tuple[str, ...]]
) -> None:
    assert {each.node: each.devices for each in coverage(tree)} == devices


def test_device_that_lists_its_nodes_at_run_time_is_uncertain() -> None:
    assert [each.certain for each in coverage(cib(device("d")))] == [False, False]


def test_device_without_a_successful_start_or_monitor_is_untested() -> None:
    history = (
        "<node_state uname='n1'><lrm><lrm_resources><lrm_resource id='a' class='stonith'>"
        "<lrm_rsc_op operation='start' op-status='0' rc-code='0'/></lrm_resource>"
        "<lrm_resource id='b' class='stonith'><lrm_rsc_op operation='start' op-status='4' rc-code='1'/>"
        "<lrm_rsc_op operation='stop' op-status='0' rc-code='0'/></lrm_resource>"
        "</lrm_resources></lrm></node_state>"
    )
    tree = cib(device("a"), device("b"), device("c"), device("d", meta=STOPPED), status=history)
    assert untested(tree) == ("b", "c")
