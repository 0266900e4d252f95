"""Causes of related effects: direct causes and triggers."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from pacemaker_os.document.difference import Difference
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction.causes import Causes
from pacemaker_os.plan.prediction.effects import Cause, Effect

CONFIGURATION = """
<configuration><resources>
<primitive id="a"/><primitive id="b"/><primitive id="c"/><primitive id="free"/>
<clone id="lb-clone"><primitive id="lb"/></clone>
<group id="g"><primitive id="g1"/><primitive id="g2"/></group>
</resources><constraints>
<rsc_order id="a-then-b" first="a" then="b"/>
<rsc_order id="b-then-lb" first="b" then="lb-clone"/>
<rsc_order id="a-then-free" first="a" then="free" kind="Optional"/>
<rsc_colocation id="c-with-a" rsc="c" with-rsc="a"/>
</constraints></configuration>
"""


def change(kind: str, name: str, xml: str, *, old: str | None = "", path: str = "params.ip") -> ConfigChange:
    section = "resources" if kind in ("primitive", "clone", "group") else "constraints"
    section = "nodes" if kind == "node attribute" else section
    return ConfigChange(
        key=f"{kind}:{name}",
        kind=kind,
        name=name,
        parent_path=((section, ()),),
        old=xml if old == "" else old,
        new=xml,
        details=(Difference(path, "1", "2"),),
        origin=f"site.cib.yaml:{name}",
    )


def location(*names: str, old: tuple[str, ...] | None = None, name: str = "preferred") -> ConfigChange:
    return change(
        "location", name, _location(names), old=None if old is None else _location(old), path="where"
    )


def _location(names: tuple[str, ...]) -> str:
    refs = "".join(f'<resource_ref id="{name}"/>' for name in names)
    return f'<rsc_location id="preferred"><resource_set id="s">{refs}</resource_set></rsc_location>'


A = change("primitive", "a", '<primitive id="a"/>')


def restart(name: str, required: str = "", service: str = "") -> Effect:
    reason = f"required {required} start" if required else "resource definition change"
    return Effect("restart", name, service or name, "n1", "n1", reason=reason)


def move(name: str, reason: str = "") -> Effect:
    return Effect("move", name, name, "n1", "n2", reason=reason)


def explain(changes: list[ConfigChange], *effects: Effect) -> list[Cause]:
    return Causes(etree.fromstring(CONFIGURATION), changes).explain(effects)


def texts(changes: list[ConfigChange], *effects: Effect) -> list[str]:
    return [cause.text for cause in explain(changes, *effects)]


def test_restart_in_place_is_triggered_by_order_despite_changed_location() -> None:
    constraint = location("a", "b", old=("a", "b"))
    assert texts([constraint], move("a"), restart("b", "a")) == [
        "location preferred where changed",
        "triggered by a (a-then-b)",
    ]


def test_restart_in_place_without_required_reason_is_triggered_by_order() -> None:
    constraint = location("a", "b", old=("a", "b"))
    assert texts([constraint], move("a"), restart("b"))[1] == "triggered by a (a-then-b)"


def test_chain_of_triggers_has_the_change_of_its_first_effect() -> None:
    causes = explain([A], restart("lb:0", "b", "lb-clone"), restart("b", "a"), restart("a"))
    assert [cause.triggered_by for cause in causes] == ["b", "a", ""]
    assert {cause.change for cause in causes} == {"primitive:a"}
    assert {cause.origin for cause in causes} == {"site.cib.yaml:a"}


def test_move_is_triggered_by_colocation_and_not_by_own_monitor() -> None:
    monitor = change("primitive", "c", '<primitive id="c"/>', path="operations.monitor.interval")
    constraint = location("a", name="a-on-n2")
    assert texts([monitor, constraint], move("c"), move("a")) == [
        "triggered by a (c-with-a)",
        "location a-on-n2 added",
    ]


def test_move_is_caused_by_own_meta_attributes() -> None:
    stickiness = change("primitive", "c", '<primitive id="c"/>', path="meta.resource-stickiness")
    assert texts([stickiness, A], move("c"), restart("a"))[0] == "c meta.resource-stickiness changed"


def test_optional_order_does_not_trigger_a_restart() -> None:
    assert not explain([A], restart("a"), restart("free"))[1].triggered_by


def test_constraint_with_changed_members_affects_only_these() -> None:
    wider = location("a", "b", "free", old=("a", "b"))
    assert texts([wider], move("free"), restart("b", "a"), move("a"))[0] == "location preferred where changed"
    causes = explain([wider, A], move("free"), restart("a"), move("b", "required a start"))
    assert causes[2].text == "triggered by a (a-then-b)"


def test_replaced_location_names_the_new_one() -> None:
    removed = ConfigChange(
        key="location:old",
        kind="location",
        name="old",
        parent_path=(("constraints", ()),),
        old=_location(("a",)),
        new=None,
    )
    assert texts([removed, location("a", name="new")], move("a")) == ["location new added"]


def test_constraint_that_names_the_node_takes_precedence() -> None:
    here = change("location", "b-n2", '<rsc_location id="b-n2" rsc="free" node="n2" score="-INFINITY"/>')
    assert texts([location("free"), here], move("free")) == ["location b-n2 params.ip changed"]


def test_removed_constraint_does_not_cause_a_stop() -> None:
    removed = change("location", "free-n1", '<rsc_location id="free-n1" rsc="free" node="n1" score="9"/>')
    stop = Effect("stop", "free", "free", "n1", "")
    assert texts([replace(removed, new=None), location("free")], stop) == ["location preferred added"]


def test_changed_member_triggers_the_effects_on_its_group() -> None:
    xml = '<group id="g"><primitive id="g1"/><primitive id="g2"/></group>'
    group = change("group", "g", xml, path="g1.params.ip")
    found = texts([group], restart("g1", service="g"), restart("g2", "g1", "g"))
    assert found == ["g g1.params.ip changed", "triggered by g1 (group g)"]


def test_node_attribute_causes_effects_on_its_node() -> None:
    other, same_node = (
        change("node attribute", f"{node} role", f'<nvpair id="{node}" name="role" value="x"/>', path="value")
        for node in ("n9", "n2")
    )
    assert texts([other, same_node], move("free")) == ["node attribute n2 role changed"]


def test_chain_of_2000_triggers_is_followed() -> None:
    orders = "".join(f'<rsc_order id="o{n}" first="r{n}" then="r{n + 1}"/>' for n in range(2000))
    resources = "".join(f'<primitive id="r{n}"/>' for n in range(2001))
    inside = f"<resources>{resources}</resources><constraints>{orders}</constraints>"
    first = change("primitive", "r0", '<primitive id="r0"/>')
    effects = [restart(f"r{n + 1}", f"r{n}") for n in reversed(range(2000))] + [restart("r0")]
    causes = Causes(etree.fromstring(f"<configuration>{inside}</configuration>"), [first]).explain(effects)
    assert {cause.change for cause in causes} == {"primitive:r0"}
