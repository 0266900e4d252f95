"""The text view of a plan: effects first, causes with their positions, red only for critical effects."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.document.difference import Difference
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.ownership_changes import OwnershipAction, OwnershipChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import Cause, Effect
from pacemaker_os.render.plan.text import plan_lines

NAMES = {f"{name}-clone": name for name in ("haproxy", "keystone", "glance-api", "neutron-server")}

CHANGED = ConfigChange(
    key="clone:haproxy-clone",
    kind="clone",
    name="haproxy-clone",
    parent_path=(("resources", ()),),
    old="<clone id='haproxy-clone'/>",
    new="<clone id='haproxy-clone'/>",
    details=(Difference("params.conffile", "/etc/a.cfg", "/etc/b.cfg"),),
    origin="site.cib.yaml:31:5",
)
CAUSE = Cause("haproxy params.conffile changed", "site.cib.yaml:31:5", "clone:haproxy-clone")


def plan(*effects: Effect) -> Plan:
    return Plan(
        document="site",
        cluster="lab",
        base=Version(0, 42, 7),
        digest="",
        changes=(CHANGED,),
        effects=effects,
        nodes=3,
        nodes_online=3,
        quorum=True,
        overrides=("node attribute n2 standby on",),
        unowned=("primitive:by-hand",),
        owned_by_others={"other": 4},
        names=NAMES,
    )


def text(found: Plan, width: int = 80) -> list[str]:
    return [line.plain for line in plan_lines(found, width)]


def restart(node: str) -> Effect:
    return Effect("restart", f"haproxy:{node}", "haproxy-clone", node, node, cause=CAUSE)


def test_plan_lines_show_effects_changes_and_notes() -> None:
    assert text(plan(restart("n1"), restart("n2"))) == [
        "Cluster lab  (CIB 0.42.7, 3 of 3 nodes online, quorum)",
        "",
        "Predicted effects",
        "  ! restart  haproxy  n[1-2]",
        "             haproxy params.conffile changed  site.cib.yaml:31:5",
        "",
        "Configuration changes",
        "  ~ clone haproxy",
        "      params.conffile  /etc/a.cfg -> /etc/b.cfg",
        "",
        "Operator overrides (unchanged): node attribute n2 standby on.",
        "Not owned by any document (unchanged): by-hand.",
        "Owned by document other (unchanged): 4 objects.",
        "Plan:   0 to add, 1 to change, 0 to remove.",
        "Effect: 0 fence, 0 stop, 2 restart, 0 move.",
    ]


def test_plan_lines_wide_terminal_puts_causes_on_the_same_line() -> None:
    assert "  ! restart  haproxy  n1   haproxy params.conffile changed  site.cib.yaml:31:5" in text(
        plan(restart("n1")), 120
    )


def test_plan_lines_mark_change_without_interruption() -> None:
    assert "  ~ clone haproxy  (no interruption)" in text(plan())


def styles(found: Plan, word: str) -> set[str]:
    return {
        style for line in plan_lines(found, 80) for piece, style in line.pieces if style and word in piece
    }


def test_plan_lines_use_red_only_for_critical_effects() -> None:
    stop = Effect("stop", "vip", "vip", "n1", "")
    move = Effect("move", "vip", "vip", "n1", "n2")
    assert styles(plan(stop), "stop  ") == {"critical"}
    assert styles(plan(restart("n1")), "restart  ") == {"warning"}
    assert styles(plan(move), "move  ") == {"warning"}
    assert "  ! move  vip  n1 -> n2" in text(plan(move))


def test_plan_lines_mask_values_with_sensitive_names() -> None:
    found = plan()
    (change,) = found.changes
    details = (
        Difference("params.passwd", "old-hush", "new-hush"),
        Difference("params.password", None, "hush"),
    )
    lines = text(replace(found, changes=(replace(change, details=details),)))
    assert "      params.passwd    ***** -> *****" in lines
    assert "      params.password  (none) -> *****" in lines
    assert "hush" not in "".join(lines)


def test_plan_json_round_trip_is_lossless() -> None:
    found = plan(restart("n1"))
    assert Plan.loads(found.dumps()) == found


def test_plan_lines_shorten_long_values_to_their_difference() -> None:
    nodes = "gcomm://controller01,controller02,controller"
    long = replace(CHANGED, details=(Difference("params.address", f"{nodes}03", f"{nodes}04,more"),))
    shown = next(line for line in text(replace(plan(), changes=(long,))) if "params.address" in line)
    assert shown.split("  ")[-1] == "…oller03 -> …oller04,more"


def triggered(
    service: str, *, text: str = "triggered by haproxy (haproxy-then-others)", verb: str = "restart"
) -> Effect:
    cause = Cause(text, "site.cib.yaml:31:5", "clone:haproxy-clone", "haproxy")
    return Effect(verb, f"{service.removesuffix('-clone')}:0", service, "n1", "n1", cause=cause)


def effects_of(*effects: Effect, width: int = 80) -> list[str]:
    lines = text(plan(*effects), width)
    return lines[lines.index("Predicted effects") + 1 : lines.index("Configuration changes") - 1]


def test_triggered_effects_are_listed_below_their_trigger() -> None:
    others = [triggered(name) for name in ("neutron-server-clone", "keystone-clone", "glance-api-clone")]
    assert effects_of(restart("n1"), *others) == [
        "  ! restart  haproxy  n1   haproxy params.conffile changed  site.cib.yaml:31:5",
        "    3 more services are affected (mandatory order; an optional one would avoid",
        "    this):",
        "    ! restart  n1: glance-api, keystone, neutron-server",
    ]


def test_triggered_effects_in_a_group_or_moves_have_no_order_advice() -> None:
    group = triggered("web", text="triggered by haproxy (group web)")
    assert "    1 more service is affected:" in effects_of(restart("n1"), group)
    assert "    1 more service is affected:" in effects_of(restart("n1"), triggered("web", verb="move"))


def test_most_disruptive_effect_comes_first_even_if_triggered() -> None:
    other = Effect(
        "restart", "db", "db", "n1", "n1", cause=Cause("db params.port changed", "", "primitive:db")
    )
    stop = triggered("web", text="triggered by haproxy (c)", verb="stop")
    verbs = [line.split()[1] for line in effects_of(other, restart("n1"), stop) if "!" in line]
    assert verbs == ["restart", "stop", "restart"]
    assert "haproxy" in effects_of(other, restart("n1"), stop)[0]


def test_plan_lines_fit_the_terminal_width() -> None:
    names = [f"openstack-service-with-a-name-{n}" for n in range(12)]
    long = "triggered by haproxy (order_set_haproxy-clone-rabbitmq-clone-memcached-clone-and-1-more-of-them)"
    effects = [restart("n1"), *(triggered(name, text=long) for name in names)]
    other = Effect("move", "x", "x", "n1", "n2", cause=Cause(long, "site.cib.yaml:99:5", "primitive:x"))
    assert max(map(len, effects_of(*effects, other))) <= 80
    assert max(map(len, effects_of(*effects, other, width=60))) <= 60


def test_effect_of_a_group_names_its_members() -> None:
    cause = Cause("g g2.params.x changed", "site.cib.yaml:3:1", "group:g")
    effect = Effect("restart", "g2", "g", "n1", "n1", cause=cause)
    assert effects_of(effect)[0].startswith("  ! restart  g (g2)  n1")


def added(kind: str, name: str, xml: str, section: str = "resources") -> ConfigChange:
    return ConfigChange(
        key=f"{kind}:{name}",
        kind=kind,
        name=name,
        parent_path=((section, ()),),
        old=None,
        new=xml,
        origin="x:1:1",
    )


def changes_of(*changes: ConfigChange, effects: tuple[Effect, ...] = ()) -> list[str]:
    lines = text(replace(plan(*effects), changes=changes))
    return lines[
        lines.index("Configuration changes") + 1 : lines.index(
            "Operator overrides (unchanged): node attribute n2 standby on."
        )
        - 1
    ]


def test_constraint_titles_use_the_notation_of_documents() -> None:
    order = added(
        "order",
        "order-haproxy-clone-vip",
        '<rsc_order id="order-haproxy-clone-vip" first="haproxy-clone" then="vip" kind="Optional"/>',
        "constraints",
    )
    chosen = added(
        "location", "here", '<rsc_location id="here" rsc="vip" node="n1" score="100"/>', "constraints"
    )
    rule = (
        '<rsc_location id="location-x" rsc="vip" resource-discovery="exclusive"><rule id="r" score="0">'
        '<expression id="e" attribute="osprole" operation="eq" value="controller"/></rule></rsc_location>'
    )
    assert changes_of(order, chosen, added("location", "location-x", rule, "constraints")) == [
        "  + order haproxy then vip (optional)",
        "  + location here: vip on n1 (100)",
        "  + location vip where osprole eq controller (discovery exclusive)",
    ]


def test_cause_shows_constraint_in_the_notation_of_documents() -> None:
    found = added(
        "location",
        "location-vip-n2",
        '<rsc_location id="location-vip-n2" rsc="vip" node="n2" score="9"/>',
        "constraints",
    )
    cause = Cause("location location-vip-n2 added", "x:1:1", found.key)
    move = Effect("move", "vip", "vip", "n1", "n2", cause=cause)
    lines = text(replace(plan(move), changes=(found,)))
    assert "  ! move  vip  n1 -> n2   location vip on n2 (9) added  x:1:1" in lines


def test_many_new_objects_share_a_line() -> None:
    vips = [
        added("primitive", f"vip-{n}", f'<primitive id="vip-{n}" class="ocf" type="x"/>') for n in range(9)
    ]
    starts = tuple(
        Effect(
            "start",
            f"vip-{n}",
            f"vip-{n}",
            "",
            "n1",
            cause=Cause(f"vip-{n} added", f"x:{n}:1", f"primitive:vip-{n}"),
        )
        for n in range(8)
    )
    assert changes_of(*vips, effects=starts) == [
        "  + 9 primitives",
        "      vip-8",
        "    (to list every object, use --json or --format pcs)",
    ]
    lines = text(replace(plan(*starts), changes=tuple(vips)))
    assert "  + start  n1: vip-0, vip-1, vip-2, vip-3, vip-4, vip-5, vip-6, vip-7   new  x" in lines


def test_nodes_with_the_same_value_share_a_line() -> None:
    roles = [
        added(
            "node attribute",
            f"n{n} osprole",
            f'<nvpair id="n{n}" name="osprole" value="controller"/>',
            "nodes",
        )
        for n in (1, 2, 3)
    ]
    roles = [replace(each, details=(Difference("value", None, "controller"),)) for each in roles]
    assert changes_of(*roles) == ["  + node attribute n[1-3] osprole  controller"]


def owner(action: OwnershipAction, name: str, before: str, after: str) -> OwnershipChange:
    return OwnershipChange(
        action=action, key=f"primitive:{name}", kind="primitive", name=name, before=before, after=after
    )


RECORD = replace(CHANGED, key="ownership:site", kind="ownership", name="site")


def test_plan_lines_show_every_change_of_ownership() -> None:
    found = replace(
        plan(),
        changes=(RECORD,),
        ownership=(
            owner("adopt", "a", "", "site"),
            owner("take-over", "b", "other", "site"),
            owner("take-over", "c", "site", "other"),
            owner("release", "d", "site", ""),
            owner("remove", "e", "other", ""),
            owner("forget", "f", "site", ""),
        ),
        owned_elsewhere={"other": ("primitive:shared",)},
    )
    lines = text(found)
    start = lines.index("Changes of ownership")
    assert lines[start + 1 : start + 8] == [
        "  primitive a  adopted",
        "  primitive b  taken over from document other",
        "  primitive c  moved from document site to document other",
        "  primitive d  released by document site; it stays in the cluster",
        "  primitive e  removed; document other owned it",
        "  primitive f  forgotten; document site owned it, but it is gone",
        "",
    ]
    assert "Also declared by site, and still owned by document other: shared." in lines
    assert "Plan:   no change of objects; the ownership record is updated." in lines
    assert not [each for each in lines if each.startswith("No changes")]


def test_plan_lines_name_all_of_many_adopted_objects() -> None:
    names = [f"resource{number:03}" for number in range(40)]
    found = replace(
        plan(), changes=(RECORD,), ownership=tuple(owner("adopt", each, "", "site") for each in names)
    )
    lines = text(found)
    assert "  40 primitives  adopted" in lines
    assert all(any(name in each for each in lines) for name in names)
    assert max(map(len, lines)) <= 80


def test_plan_lines_without_changes_advise_to_adopt_or_take_over() -> None:
    found = replace(
        plan(), changes=(), adopted=("primitive:a",), owned_elsewhere={"other": ("a:1", "a:2", "a:3", "a:4")}
    )
    lines = " ".join(text(found))
    assert "Declared, but not owned by any document: 1 matching object. To own them, use --adopt." in lines
    assert "If site replaces document other, use --take-over" in lines
