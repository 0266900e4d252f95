"""Transitions: operations that run, loops, and the status after them."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.plan.prediction.graph import read_graph
from pacemaker_os.plan.prediction.replay import can_replay, replay
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.prediction.transition import Transition

#: The digest of a resource without parameters, as crm_simulate 2.1.5 writes it.
NO_PARAMETERS = "f2317cad3d54cec5d7d7aa7d0bf35cf8"


def synapse(number: int, operation: str, resource: str, node: str, *inputs: int, **attributes: str) -> str:
    pairs = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    triggers = "".join(f'<trigger><rsc_op id="{each}"/></trigger>' for each in inputs)
    where = f'on_node="{node}" on_node_uuid="1"'
    primitive = f'<primitive id="{resource}" class="ocf" provider="x" type="y"/><attributes {pairs}/>'
    key = f'operation="{operation}" operation_key="{resource}_{operation}_0"'
    action = f'<rsc_op id="{number}" {key} {where}>{primitive}</rsc_op>'
    return f"<synapse><action_set>{action}</action_set><inputs>{triggers}</inputs></synapse>"


def transition(*synapses: str) -> Transition:
    return Transition(etree.fromstring(f"<transition_graph>{''.join(synapses)}</transition_graph>"))


def test_operations_run_after_their_inputs() -> None:
    found = transition(synapse(1, "start", "b", "n1", 2), synapse(2, "start", "a", "n1"))
    assert [each.instance for each in found.completed] == ["a", "b"]
    assert all(found.obstacle(name, [("start", "n1")]) == ("", ()) for name in "ab")


def test_loop_has_the_same_text_for_each_of_its_resources() -> None:
    found = transition(
        synapse(1, "start", "b", "n1", 2),
        synapse(2, "start", "c", "n1", 1),
        synapse(3, "start", "d", "n1", 1),
    )
    for name in "bcd":
        assert found.obstacle(name, [("start", "n1")]) == ("", ("b", "c", "b"))


def test_input_that_is_not_in_the_graph_is_never_done() -> None:
    found = transition(synapse(1, "start", "a", "n1", 9))
    assert found.obstacle("a", [("start", "n1")]) == ("", ("a",))


@pytest.mark.parametrize(
    ("stop_waits", "expected"), [((), ("stop", False)), ((2,), ("restart", True))], ids=["stopped", "blocked"]
)
def test_restart_whose_start_never_runs(stop_waits: tuple[int, ...], expected: tuple[str, bool]) -> None:
    found = transition(synapse(1, "stop", "a", "n1", *stop_waits), synapse(2, "start", "a", "n1", 1, 2))
    result = etree.fromstring(
        "<pacemaker-result><cluster_status><nodes/><resources/></cluster_status>"
        '<actions><rsc_action action="restart" resource="a" source="n1"/></actions></pacemaker-result>'
    )
    (action,) = Simulation.read(result, transition=found).actions
    assert (action.verb, action.blocked) == expected
    assert action.reason == "order loop: a"


def test_replay_records_the_last_operation_with_its_digest() -> None:
    cib = etree.fromstring('<cib><configuration/><status><node_state id="1" uname="n1"/></status></cib>')
    found = transition(
        synapse(1, "monitor", "a", "n1", CRM_meta_op_target_rc="7"), synapse(2, "start", "a", "n1", 1)
    )
    (entry,) = replay(cib, found).iter("lrm_rsc_op")
    assert (entry.get("operation"), entry.get("rc-code"), entry.get("call-id")) == ("start", "0", "2")
    assert entry.get("op-digest") == NO_PARAMETERS
    assert cib.find("status/node_state/lrm") is None


@pytest.mark.parametrize(("value", "expected"), [("plain", True), ("it's", False), ("ä", False)])
def test_digests_of_unusual_values_are_unknown(value: str, expected: bool) -> None:
    assert can_replay(transition(synapse(1, "start", "a", "n1", ip=value))) is expected


def test_stops_of_a_resource_on_several_nodes_are_actions() -> None:
    found = transition(
        synapse(1, "stop", "a", "n1"), synapse(2, "stop", "a", "n2"), synapse(3, "start", "a", "n2", 1, 2)
    )
    result = etree.fromstring(
        "<pacemaker-result><cluster_status><nodes/><resources/></cluster_status>"
        '<actions><rsc_action action="restart" resource="a" source="n2"/></actions></pacemaker-result>'
    )
    actions = Simulation.read(result, transition=found).actions
    assert [(each.verb, each.source, each.node) for each in actions] == [
        ("restart", "n2", "n2"),
        ("stop", "n1", ""),
    ]


@pytest.mark.parametrize("odd", ['a=b="2"', 'c d>="3"', '"="1:30"', 'é="é"x"', 'x="<y>"'])
def test_graph_whose_parameters_are_not_possible_in_xml_keeps_its_operations(odd: str) -> None:
    one, two = synapse(1, "start", "a", "n1"), synapse(2, "start", "b", "n1", 1)
    lines = [one.replace("<attributes />", f'\n<attributes x="1" {odd} CRM_meta_timeout="2"/>\n'), two]
    graph = read_graph(f"<transition_graph>{''.join(lines)}</transition_graph>".encode())
    found = Transition(graph)
    assert [each.instance for each in found.completed] == ["a", "b"]
    assert not can_replay(found)
    attributes = graph.find(".//attributes")
    assert attributes is not None
    assert dict(attributes.attrib) == {"CRM_meta_timeout": "2"}


#: A result with one action.
RESULT = """<pacemaker-result><cluster_status><nodes/><resources/></cluster_status>
<actions><rsc_action action="{verb}" resource="p:0" {more}/></actions></pacemaker-result>"""
STARTED, PROMOTED = synapse(1, "start", "p:0", "n1"), synapse(2, "promote", "p:0", "n1", 2)
STOPPED, DEMOTED = synapse(3, "stop", "p:0", "n1"), synapse(4, "demote", "p:0", "n1")


@pytest.mark.parametrize(
    ("verb", "more", "synapses", "expected"),
    [
        ("promote", 'node="n1"', (STARTED, PROMOTED), ("start", "", "n1", False)),
        ("promote", 'node="n1" source="n1"', (PROMOTED,), ("promote", "n1", "n1", True)),
        ("promote", 'node="n1" blocked="true"', (STARTED,), ("start", "", "n1", False)),
        ("promote", 'node="n1" blocked="true"', (), ("promote", "n1", "n1", True)),
        (
            "restart",
            'node="n1" source="n1"',
            (DEMOTED, STOPPED, STARTED, PROMOTED),
            ("restart", "n1", "n1", False),
        ),
        ("re-promote", 'node="n1" source="n1"', (DEMOTED, PROMOTED), ("demote", "n1", "n1", False)),
    ],
)
def test_promotion_that_never_runs_leaves_the_instance_as_far_as_it_gets(
    verb: str, more: str, synapses: tuple[str, ...], expected: tuple[str, str, str, bool]
) -> None:
    result = etree.fromstring(RESULT.format(verb=verb, more=more))
    (action,) = Simulation.read(result, transition=transition(*synapses)).actions
    assert (action.verb, action.source, action.node, action.blocked) == expected
