"""A plan for people: effects first, causes with their places, red only for danger."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.document.difference import Difference
from pacemaker_os.plan.diff.change import ConfigChange
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


def test_whole() -> None:
    assert text(plan(restart("n1"), restart("n2"))) == [
        "Cluster lab  (CIB 0.42.7, 3 of 3 nodes online, quorum)",
        "",
        "What will happen",
        "  ! restart  haproxy  n[1-2]",
        "             haproxy params.conffile changed  site.cib.yaml:31:5",
        "",
        "What will be written",
        "  ~ clone haproxy",
        "      params.conffile  /etc/a.cfg -> /etc/b.cfg",
        "",
        "Left as an operator put it: node attribute n2 standby on.",
        "In the cluster and in no document, left alone: by-hand.",
        "Left alone, of the document other: 4.",
        "Plan:   0 to add, 1 to change, 0 to remove.",
        "Effect: 0 fence, 0 stop, 2 restart, 0 move.",
    ]


def test_wide_terminal_has_causes_on_the_same_line() -> None:
    assert "  ! restart  haproxy  n1   haproxy params.conffile changed  site.cib.yaml:31:5" in text(
        plan(restart("n1")), 120
    )


def test_change_without_interruption_says_so() -> None:
    assert "  ~ clone haproxy  (no interruption)" in text(plan())


def styles(found: Plan, word: str) -> set[str]:
    return {
        str(span.style)
        for line in plan_lines(found, 80)
        for span in line.spans
        if word in line.plain[span.start : span.end]
    }


def test_red_is_for_danger_only() -> None:
    stop = Effect("stop", "vip", "vip", "n1", "")
    move = Effect("move", "vip", "vip", "n1", "n2")
    assert styles(plan(stop), "stop  ") == {"danger"}
    assert styles(plan(restart("n1")), "restart  ") == {"warning"}
    assert styles(plan(move), "move  ") == {"warning"}
    assert "  ! move  vip  n1 -> n2" in text(plan(move))


def test_what_is_called_like_a_password_is_not_shown() -> None:
    found = plan()
    (operation,) = found.changes
    details = (
        Difference("params.passwd", "old-hush", "new-hush"),
        Difference("params.password", None, "hush"),
    )
    lines = text(replace(found, changes=(replace(operation, details=details),)))
    assert "      params.passwd    ***** -> *****" in lines
    assert "      params.password  (none) -> *****" in lines
    assert "hush" not in "".join(lines)


def test_plan_survives_json() -> None:
    found = plan(restart("n1"))
    assert Plan.loads(found.dumps()) == found


def test_long_values_are_shown_where_they_part() -> None:
    nodes = "gcomm://controller01,controller02,controller"
    long = replace(CHANGED, details=(Difference("params.address", f"{nodes}03", f"{nodes}04,more"),))
    shown = next(line for line in text(replace(plan(), changes=(long,))) if "params.address" in line)
    assert shown.split("  ")[-1] == "…oller03 -> …oller04,more"


def follower(
    service: str, *, text: str = "follows haproxy (haproxy-then-others)", verb: str = "restart"
) -> Effect:
    cause = Cause(text, "site.cib.yaml:31:5", "clone:haproxy-clone", "haproxy")
    return Effect(verb, f"{service}:0", service, "n1", "n1", cause=cause)


def happening(*effects: Effect, width: int = 80) -> list[str]:
    lines = text(plan(*effects), width)
    return lines[lines.index("What will happen") + 1 : lines.index("What will be written") - 1]


def test_what_follows_is_folded_under_what_it_follows() -> None:
    followers = [follower(name) for name in ("neutron-server-clone", "keystone-clone", "glance-api-clone")]
    assert happening(restart("n1"), *followers) == [
        "  ! restart  haproxy  n1   haproxy params.conffile changed  site.cib.yaml:31:5",
        "    3 more follow (their order is mandatory; an optional one would spare them):",
        "    ! restart  n1: glance-api, keystone, neutron-server",
    ]


def test_who_follows_in_a_group_or_moves_is_spared_by_no_order() -> None:
    group = follower("web", text="follows haproxy (group web)")
    assert "    1 more follows:" in happening(restart("n1"), group)
    assert "    1 more follows:" in happening(restart("n1"), follower("web", verb="move"))


def test_what_is_worst_comes_first_even_where_it_only_follows() -> None:
    other = Effect(
        "restart", "db", "db", "n1", "n1", cause=Cause("db params.port changed", "", "primitive:db")
    )
    stop = follower("web", text="follows haproxy (c)", verb="stop")
    verbs = [line.split()[1] for line in happening(other, restart("n1"), stop) if "!" in line]
    assert verbs == ["restart", "stop", "restart"]
    assert "haproxy" in happening(other, restart("n1"), stop)[0]


def test_no_line_is_wider_than_the_terminal() -> None:
    names = [f"openstack-service-with-a-name-{n}" for n in range(12)]
    long = "follows haproxy (order_set_haproxy-clone-rabbitmq-clone-memcached-clone-and-1-more-of-them)"
    effects = [restart("n1"), *(follower(name, text=long) for name in names)]
    lonely = Effect("move", "x", "x", "n1", "n2", cause=Cause(long, "site.cib.yaml:99:5", "primitive:x"))
    assert max(map(len, happening(*effects, lonely))) <= 80
    assert max(map(len, happening(*effects, lonely, width=60))) <= 60


def test_members_of_a_group_are_named() -> None:
    cause = Cause("g g2.params.x changed", "site.cib.yaml:3:1", "group:g")
    effect = Effect("restart", "g2", "g", "n1", "n1", cause=cause)
    assert happening(effect)[0].startswith("  ! restart  g (g2)  n1")


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


def written(*operations: ConfigChange, effects: tuple[Effect, ...] = ()) -> list[str]:
    lines = text(replace(plan(*effects), changes=operations))
    return lines[
        lines.index("What will be written") + 1 : lines.index(
            "Left as an operator put it: node attribute n2 standby on."
        )
        - 1
    ]


def test_constraints_are_called_what_documents_say() -> None:
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
    assert written(order, chosen, added("location", "location-x", rule, "constraints")) == [
        "  + order haproxy then vip (optional)",
        "  + location here: vip on n1 (100)",
        "  + location vip where osprole eq controller (discovery exclusive)",
    ]


def test_a_cause_calls_a_constraint_what_it_says() -> None:
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


def test_many_that_are_new_are_told_together() -> None:
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
    assert written(*vips, effects=starts) == [
        "  + 9 primitives",
        "      vip-8",
        "    (each by itself: --json, or as commands of pcs: --format pcs)",
    ]
    lines = text(replace(plan(*starts), changes=tuple(vips)))
    assert "  + start  n1: vip-0, vip-1, vip-2, vip-3, vip-4, vip-5, vip-6, vip-7   new  x" in lines


def test_nodes_that_are_told_the_same_are_told_together() -> None:
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
    assert written(*roles) == ["  + node attribute n[1-3] osprole  controller"]
