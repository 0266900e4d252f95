"""Causes of effects that come together: what one change does by itself, and what follows from that."""

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


def operation(
    kind: str, name: str, xml: str, *, old: str | None = "", path: str = "params.ip"
) -> ConfigChange:
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


def location(*names: str, old: tuple[str, ...] | None = None, name: str = "place") -> ConfigChange:
    return operation(
        "location", name, _location(names), old=None if old is None else _location(old), path="where"
    )


def _location(names: tuple[str, ...]) -> str:
    refs = "".join(f'<resource_ref id="{name}"/>' for name in names)
    return f'<rsc_location id="place"><resource_set id="s">{refs}</resource_set></rsc_location>'


A = operation("primitive", "a", '<primitive id="a"/>')


def restart(name: str, needs: str = "", service: str = "") -> Effect:
    reason = f"required {needs} start" if needs else "resource definition change"
    return Effect("restart", name, service or name, "n1", "n1", reason=reason)


def move(name: str, reason: str = "") -> Effect:
    return Effect("move", name, name, "n1", "n2", reason=reason)


def told(operations: list[ConfigChange], *effects: Effect) -> list[Cause]:
    return Causes(etree.fromstring(CONFIGURATION), operations).explain(effects)


def texts(operations: list[ConfigChange], *effects: Effect) -> list[str]:
    return [cause.text for cause in told(operations, *effects)]


def test_a_restart_in_place_follows_an_order_though_a_location_that_names_it_changed() -> None:
    place = location("a", "b", old=("a", "b"))
    assert texts([place], move("a"), restart("b", "a")) == [
        "location place where changed",
        "triggered by a (a-then-b)",
    ]


def test_without_the_schedulers_word_an_order_is_still_behind_a_restart_in_place() -> None:
    place = location("a", "b", old=("a", "b"))
    assert texts([place], move("a"), restart("b"))[1] == "triggered by a (a-then-b)"


def test_a_chain_is_followed_to_the_change_that_began_it() -> None:
    causes = told([A], restart("lb:0", "b", "lb-clone"), restart("b", "a"), restart("a"))
    assert [cause.triggered_by for cause in causes] == ["b", "a", ""]
    assert {cause.change for cause in causes} == {"primitive:a"}
    assert {cause.origin for cause in causes} == {"site.cib.yaml:a"}


def test_a_move_follows_what_it_is_placed_with_and_not_its_own_new_monitor() -> None:
    monitor = operation("primitive", "c", '<primitive id="c"/>', path="operations.monitor.interval")
    place = location("a", name="a-on-n2")
    assert texts([monitor, place], move("c"), move("a")) == [
        "triggered by a (c-with-a)",
        "location a-on-n2 added",
    ]


def test_a_move_is_asked_for_by_its_own_meta_attributes() -> None:
    stickiness = operation("primitive", "c", '<primitive id="c"/>', path="meta.resource-stickiness")
    assert texts([stickiness, A], move("c"), restart("a"))[0] == "c meta.resource-stickiness changed"


def test_an_optional_order_restarts_nobody() -> None:
    assert not told([A], restart("a"), restart("free"))[1].triggered_by


def test_of_a_constraint_with_other_members_only_those_are_told_something_new() -> None:
    wider = location("a", "b", "free", old=("a", "b"))
    assert texts([wider], move("free"), restart("b", "a"), move("a"))[0] == "location place where changed"
    causes = told([wider, A], move("free"), restart("a"), move("b", "required a start"))
    assert causes[2].text == "triggered by a (a-then-b)"


def test_of_a_location_that_is_written_anew_the_new_one_is_named() -> None:
    gone = ConfigChange(
        key="location:old",
        kind="location",
        name="old",
        parent_path=(("constraints", ()),),
        old=_location(("a",)),
        new=None,
    )
    assert texts([gone, location("a", name="new")], move("a")) == ["location new added"]


def test_of_constraints_on_one_resource_the_one_that_names_the_node_is_named() -> None:
    here = operation("location", "b-n2", '<rsc_location id="b-n2" rsc="free" node="n2" score="-INFINITY"/>')
    assert texts([location("free"), here], move("free")) == ["location b-n2 params.ip changed"]


def test_nothing_stops_because_a_constraint_is_gone() -> None:
    gone = operation("location", "free-n1", '<rsc_location id="free-n1" rsc="free" node="n1" score="9"/>')
    stop = Effect("stop", "free", "free", "n1", "")
    assert texts([replace(gone, new=None), location("free")], stop) == ["location place added"]


def test_members_of_a_group_follow_the_one_that_changes() -> None:
    xml = '<group id="g"><primitive id="g1"/><primitive id="g2"/></group>'
    group = operation("group", "g", xml, path="g1.params.ip")
    found = texts([group], restart("g1", service="g"), restart("g2", "g1", "g"))
    assert found == ["g g1.params.ip changed", "triggered by g1 (group g)"]


def test_an_attribute_of_a_node_is_behind_what_happens_there() -> None:
    other, near = (
        operation(
            "node attribute", f"{node} role", f'<nvpair id="{node}" name="role" value="x"/>', path="value"
        )
        for node in ("n9", "n2")
    )
    assert texts([other, near], move("free")) == ["node attribute n2 role changed"]


def test_a_thousand_in_a_row_are_followed() -> None:
    orders = "".join(f'<rsc_order id="o{n}" first="r{n}" then="r{n + 1}"/>' for n in range(2000))
    resources = "".join(f'<primitive id="r{n}"/>' for n in range(2001))
    inside = f"<resources>{resources}</resources><constraints>{orders}</constraints>"
    first = operation("primitive", "r0", '<primitive id="r0"/>')
    effects = [restart(f"r{n + 1}", f"r{n}") for n in reversed(range(2000))] + [restart("r0")]
    causes = Causes(etree.fromstring(f"<configuration>{inside}</configuration>"), [first]).explain(effects)
    assert {cause.change for cause in causes} == {"primitive:r0"}
