"""A plan for people: effects first, causes with their places, red only for danger."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cib.difference import Difference
from pacemaker_os.plan.effects import Cause, Effect
from pacemaker_os.plan.operation import Operation
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.version import Version
from pacemaker_os.render.plan import plan_lines

CHANGED = Operation(
    key="clone:haproxy-clone",
    kind="clone",
    name="haproxy-clone",
    place=(("resources", ()),),
    old="<clone id='haproxy-clone'/>",
    new="<clone id='haproxy-clone'/>",
    details=(Difference("params.conffile", "/etc/a.cfg", "/etc/b.cfg"),),
    origin="site.cib.yaml:31:5",
)
CAUSE = Cause("haproxy-clone params.conffile changed", "site.cib.yaml:31:5", "clone:haproxy-clone")


def plan(*effects: Effect) -> Plan:
    return Plan(
        document="site",
        cluster="lab",
        base=Version(0, 42, 7),
        digest="",
        operations=(CHANGED,),
        effects=effects,
        nodes=3,
        nodes_online=3,
        quorum=True,
        kept=("node attribute n2 standby on",),
        unowned=("primitive:by-hand",),
        others={"other": 4},
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
        "  ! restart  haproxy-clone  n[1-2]",
        "             haproxy-clone params.conffile changed  site.cib.yaml:31:5",
        "",
        "What will be written",
        "  ~ clone haproxy-clone",
        "      params.conffile  /etc/a.cfg -> /etc/b.cfg",
        "",
        "Left as an operator put it: node attribute n2 standby on.",
        "In the cluster and in no document, left alone: by-hand.",
        "Left alone, of the document other: 4.",
        "Plan:   0 to add, 1 to change, 0 to remove.",
        "Effect: 0 fence, 0 stop, 2 restart, 0 move.",
    ]


def test_wide_terminal_has_causes_on_the_same_line() -> None:
    assert (
        "  ! restart  haproxy-clone  n1   haproxy-clone params.conffile changed  site.cib.yaml:31:5"
        in text(plan(restart("n1")), 120)
    )


def test_change_without_interruption_says_so() -> None:
    assert "  ~ clone haproxy-clone  (no interruption)" in text(plan())


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
    (operation,) = found.operations
    details = (
        Difference("params.passwd", "old-hush", "new-hush"),
        Difference("params.password", None, "hush"),
    )
    lines = text(replace(found, operations=(replace(operation, details=details),)))
    assert "      params.passwd    ***** -> *****" in lines
    assert "      params.password  (none) -> *****" in lines
    assert "hush" not in "".join(lines)


def test_plan_survives_json() -> None:
    found = plan(restart("n1"))
    assert Plan.loads(found.dumps()) == found


def test_long_values_are_shown_where_they_part() -> None:
    nodes = "gcomm://controller01,controller02,controller"
    long = replace(CHANGED, details=(Difference("params.address", f"{nodes}03", f"{nodes}04,more"),))
    shown = next(line for line in text(replace(plan(), operations=(long,))) if "params.address" in line)
    assert shown.split("  ")[-1] == "…oller03 -> …oller04,more"
