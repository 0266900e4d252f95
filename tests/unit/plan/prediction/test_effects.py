"""Effects of a plan: the scheduler's actions with their causes, without pending ones."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.document.difference import Difference
from pacemaker_os.errors import NotAllowed
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.gate import check_allowed
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.causes import Causes
from pacemaker_os.plan.prediction.effects import Effect, predict_effects
from pacemaker_os.plan.prediction.simulation import Action, Simulation

NODES = '<node name="n1" online="true" type="member"/><node name="n2" online="true" type="member"/>'


def resource(name: str, node: str = "", **more: str) -> str:
    attributes = {
        "id": name,
        "resource_agent": "ocf:x:y",
        "role": "Started" if node else "Stopped",
        "active": "true" if node else "false",
        "managed": "true",
        **more,
    }
    text = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    inside = f'<node name="{node}"/>' if node else ""
    return f"<resource {text}>{inside}</resource>"


def simulation(resources: str = "", actions: str = "") -> Simulation:
    return Simulation.read(
        etree.fromstring(
            f"<pacemaker-result><cluster_status><nodes>{NODES}</nodes><resources>{resources}</resources>"
            f"</cluster_status><actions>{actions}</actions></pacemaker-result>"
        )
    )


ACTIONS = {
    '<rsc_action action="start" resource="a" node="n1"/>': Action("start", "a", "n1", ""),
    '<rsc_action action="stop" resource="a" node="n1" reason="node availability"/>': Action(
        "stop", "a", "", "n1", reason="node availability"
    ),
    '<rsc_action action="restart" resource="a" source="n1" reason="resource definition change"/>': Action(
        "restart", "a", "n1", "n1", reason="resource definition change"
    ),
    '<rsc_action action="reload" resource="a" node="n1"/>': Action("reload", "a", "n1", "n1"),
    '<rsc_action action="move" resource="a" source="n1" dest="n2"/>': Action("move", "a", "n2", "n1"),
    '<rsc_action action="migrate" resource="a" source="n1" dest="n2"/>': Action("migrate", "a", "n2", "n1"),
    '<rsc_action action="promote" resource="a:0" role="x" next-role="Promoted" source="n1"/>': Action(
        "promote", "a:0", "n1", "n1", role="Promoted"
    ),
    '<rsc_action action="start" resource="a" node="n1" reason="no quorum" blocked="true"/>': Action(
        "start", "a", "n1", "", reason="no quorum", blocked=True
    ),
    '<node_action task="Fence (reboot)" node="n2" reason="node is unclean"/>': Action(
        "fence", "", "n2", "n2", role="reboot", reason="node is unclean"
    ),
}


@pytest.mark.parametrize("xml", ACTIONS)
def test_simulation_reads_action(xml: str) -> None:
    assert simulation(actions=xml).actions == (ACTIONS[xml],)


def test_effect_without_the_plan_is_pending() -> None:
    start, stop = (
        '<rsc_action action="start" resource="a" node="n1"/>',
        '<rsc_action action="stop" resource="b" node="n1"/>',
    )
    found = predict_effects(simulation(actions=start), simulation(actions=start + stop))
    assert [effect.verb for effect in found.caused] == ["stop"]
    assert [effect.verb for effect in found.pending] == ["start"]


def test_effects_are_sorted_by_severity() -> None:
    actions = "".join(xml for xml in ACTIONS if "blocked" not in xml)
    verbs = [effect.verb for effect in predict_effects(simulation(), simulation(actions=actions)).caused]
    assert verbs == ["fence", "stop", "restart", "move", "migrate", "promote", "reload", "start"]


def test_stopped_service_cannot_run_unless_stopped_by_operator() -> None:
    clone = f'<clone id="c">{resource("x", "n1")}{resource("x")}</clone>'
    intended = resource("intended", target_role="Stopped") + resource("unmanaged", managed="false")
    found = predict_effects(simulation(), simulation(resource("alone") + clone + intended)).caused
    assert [(effect.verb, effect.service) for effect in found] == [("cannot-run", "alone")]


def test_blocked_start_is_reported_once_as_cannot_run() -> None:
    blocked = '<rsc_action action="start" resource="a" node="n1" reason="no quorum" blocked="true"/>'
    (effect,) = predict_effects(simulation(), simulation(resource("a"), blocked)).caused
    assert (effect.verb, effect.service, effect.reason) == ("cannot-run", "a", "no quorum")


CONFIGURATION = """
<configuration><resources>
<primitive id="a"/><primitive id="b"/>
<clone id="c-clone"><primitive id="c"/></clone>
<group id="g"><primitive id="g1"/><primitive id="g2"/></group>
<bundle id="box"><podman/><primitive id="inner"/></bundle>
<clone id="a-like-clone"><primitive id="a-like"/></clone>
<primitive id="far"/>
</resources><constraints>
<rsc_order id="a-then-b" first="a" then="b"/>
<rsc_colocation id="c-with-b" rsc="c-clone" with-rsc="b"/>
<rsc_location id="b-on-n1" rsc="b" node="n1"/>
</constraints></configuration>
"""


def changed(kind: str, name: str, xml: str, section: str = "resources", **ends: str | None) -> ConfigChange:
    return ConfigChange(
        key=f"{kind}:{name}",
        kind=kind,
        name=name,
        parent_path=((section, ()),),
        old=ends.get("old", xml),
        new=ends.get("new", xml),
        details=(Difference("params.ip", "1", "2"),),
        origin="site.cib.yaml:3:1",
    )


A = changed("primitive", "a", '<primitive id="a"/>')
G1 = changed("group", "g", '<group id="g"><primitive id="g1"/><primitive id="g2"/></group>')
LOCATION = changed(
    "location", "b-on-n1", '<rsc_location id="b-on-n1" rsc="b" node="n1"/>', "constraints", old=None
)
PROPERTY = changed("property", "no-quorum-policy", '<nvpair id="p" name="x" value="y"/>', "crm_config")
ALIKE = changed("clone", "a-like-clone", '<clone id="a-like-clone"><primitive id="a-like"/></clone>')
BOX = changed("bundle", "box", '<bundle id="box"><primitive id="inner"/></bundle>')


@pytest.mark.parametrize(
    ("verb", "name", "changes", "why"),
    [
        ("restart", "a", [A], "a params.ip changed"),
        ("restart", "b", [A], "triggered by a (a-then-b)"),
        ("restart", "c:1", [A], "triggered by b (c-with-b)"),
        ("restart", "g2", [G1], "g params.ip changed"),
        ("move", "b", [A, LOCATION], "location b-on-n1 added"),
        ("restart", "box-podman-0", [BOX], "box params.ip changed"),
        ("start", "a-like:0", [A, ALIKE], "a-like params.ip changed"),
        ("stop", "far", [A, PROPERTY], "property no-quorum-policy params.ip changed"),
        ("stop", "far", [A], "the scheduler's reason"),
    ],
)
def test_effect_has_expected_cause(verb: str, name: str, changes: list[ConfigChange], why: str) -> None:
    causes = Causes(etree.fromstring(CONFIGURATION), changes)
    effect = Effect(verb, name, name.split(":")[0], "n1", "n1", reason="the scheduler's reason")
    (found,) = causes.explain([effect])
    assert found.text == why
    assert found.origin == ("" if why == "the scheduler's reason" else "site.cib.yaml:3:1")


def plan(*verbs: str) -> Plan:
    effects = tuple(Effect(verb, "a", "a", "n1", "n1") for verb in verbs)
    return Plan(document="d", cluster="c", base=Version(0, 1, 0), digest="", effects=effects)


def test_gate_accepts_harmless_and_allowed_effects() -> None:
    check_allowed(plan("start", "promote", "migrate", "reload"), [])
    check_allowed(plan("restart", "cannot-run"), ["restart", "cannot-run"])
    with pytest.raises(NotAllowed, match=r"stop a.*--allow restart,stop") as caught:
        check_allowed(plan("restart", "stop"), ["restart"])
    assert caught.value.exit_status == 4


def test_removed_clone_keeps_its_name() -> None:
    """In the simulation with the plan, orphaned instances have no parents."""
    before = simulation(f'<clone id="lb-clone">{resource("lb", "n1")}{resource("lb", "n2")}</clone>')
    orphans = resource("lb", "n1", orphaned="true") + resource("lb", "n2", orphaned="true")
    stops = "".join(f'<rsc_action action="stop" resource="lb" node="{node}"/>' for node in ("n1", "n2"))
    found = predict_effects(before, simulation(orphans, stops)).caused
    assert [(each.verb, each.service) for each in found] == [("stop", "lb-clone"), ("stop", "lb-clone")]


def test_gate_message_names_service_that_cannot_run() -> None:
    with pytest.raises(NotAllowed, match=r"does not permit: cannot run a\. Nothing .* --allow cannot-run"):
        check_allowed(plan("cannot-run"), [])


def test_bundle_whose_containers_start_runs() -> None:
    container = resource("box-podman-0") + resource("box-0") + resource("web")
    bundle = f'<bundle id="box"><replica id="0">{container}</replica></bundle>'
    starts = "".join(
        f'<rsc_action action="start" resource="{name}" node="{node}"/>'
        for name, node in (("box-podman-0", "n1"), ("box-0", "n1"), ("web:0", "box-0"))
    )
    effects = predict_effects(simulation(), simulation(bundle, starts)).caused
    assert {(effect.verb, effect.service) for effect in effects} == {("start", "box")}


def test_bundle_of_which_no_container_starts_cannot_run() -> None:
    container = resource("box-podman-0") + resource("box-0") + resource("web")
    bundle = f'<bundle id="box"><replica id="0">{container}</replica></bundle>'
    blocked = '<rsc_action action="start" resource="box-podman-0" node="n1" reason="why" blocked="true"/>'
    effects = predict_effects(simulation(), simulation(bundle, blocked)).caused
    assert [(each.verb, each.resource, each.reason) for each in effects] == [
        ("cannot-run", "box", "why"),
        ("cannot-run", "web", ""),
    ]


def test_resources_that_pacemaker_makes_for_a_bundle_are_internal() -> None:
    names = ("box-podman-0", "box-ip-10.0.0.1", "box-0", "box-web")
    containers = f'<replica id="0">{"".join(map(resource, names))}</replica>'
    group = f'<group id="web">{resource("web-0")}</group>'
    starts = "".join(
        f'<rsc_action action="start" resource="{name}" node="n1"/>' for name in (*names, "web-0")
    )
    after = simulation(f'<bundle id="box">{containers}</bundle>{group}', starts)
    effects = predict_effects(simulation(), after).caused
    assert {each.resource for each in effects if each.internal} == {*names[:3]}


@pytest.mark.parametrize("verb", ["recover", "restart", "move"])
@pytest.mark.parametrize(("role", "expected"), [("Promoted", []), ("Unpromoted", ["Promoted"])])
def test_instance_that_is_promoted_after_a_recovery_has_its_role(
    verb: str, role: str, expected: list[str]
) -> None:
    clone = f'<clone id="c" multi_state="true">{resource("p", "n1", failed="true")}</clone>'
    action = f'<rsc_action action="{verb}" resource="p:0" source="n1" dest="n2" next-role="{role}"/>'
    found = predict_effects(simulation(clone), simulation(clone, action))
    effects = (*found.caused, *found.pending)
    assert [each.role for each in effects if each.verb == "cannot-run"] == expected
