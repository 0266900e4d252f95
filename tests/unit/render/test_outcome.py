"""The result of an apply as text: lost nodes, conditions, and what a rollback did."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import LostNode, Outcome
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.ownership_changes import OwnershipChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.apply.progress import outcome_lines


def change(name: str, old: str | None, new: str | None) -> ConfigChange:
    return ConfigChange(
        key=f"primitive:{name}",
        kind="primitive",
        name=name,
        parent_path=(("resources", ()),),
        old=old,
        new=new,
    )


PLAN = Plan(
    document="site",
    cluster="c",
    base=Version(0, 4, 0),
    digest="",
    changes=(change("a", None, "<x/>"), change("b", "<x/>", "<y/>"), change("c", "<x/>", None)),
)
OUTCOME = Outcome(PLAN, Version(0, 5, 0), None)


def text(outcome: Outcome) -> list[str]:
    return [line for line, _ in outcome_lines(outcome)]


def test_lost_nodes_are_named_with_what_they_ran() -> None:
    lost = (LostNode("n1", ("vip", "db (promoted)")), LostNode("n2", (), returned=True))
    assert text(replace(OUTCOME, lost_nodes=lost)) == [
        "node n1 left the cluster during the wait, and is not online; it ran vip, db (promoted)",
        "node n2 left the cluster during the wait, and is online again; it ran no services",
        "Done: 1 added, 1 changed, 1 removed (CIB 0.5.0)",
    ]


def test_conditions_are_in_the_result() -> None:
    lines = text(replace(OUTCOME, conditions=("the cluster is in maintenance mode",)))
    assert lines[0] == "warning: the cluster is in maintenance mode"


def test_rollback_tells_what_it_took_back() -> None:
    assert text(replace(OUTCOME, rolled_back=True))[-1] == (
        "the change was rolled back: removed again: primitive a; restored: primitive b; "
        "added again: primitive c"
    )


def test_change_of_ownership_only_is_counted() -> None:
    adopted = OwnershipChange(
        action="adopt", key="primitive:a", kind="primitive", name="a", before="", after="site"
    )
    plan = replace(PLAN, changes=(), ownership=(adopted,))
    assert text(replace(OUTCOME, plan=plan))[-1] == "Done: 1 adopted (CIB 0.5.0)"
