"""The lines of a changed group, clone or bundle show what changed in it and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pcs_runner import as_cib, plan_of

from pacemaker_os import document
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.document_names import document_names
from pacemaker_os.render.plan.changes import change_lines

A = "{agent: ocf:pacemaker:Dummy, params: {fake: x1}, monitor: 10s}"
B = A.replace("x1", "x2")


def lines(old: str, new: str) -> list[str]:
    live = as_cib(document.load(f"resources: {{{old}}}"))
    desired = document.load(f"resources: {{{new}}}")
    names = document_names(content.configuration(live), content.configuration(as_cib(desired)))
    plan = replace(plan_of(live, desired), names=names)
    return [str(each).strip() for each in change_lines(plan, 100)][1:]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (f"m: {A}", f"m: {A}, n: {A}", ["group  m -> m, n"]),
        (f"m: {A}, n: {A}", f"n: {A}", ["group  m, n -> n"]),
        (f"m: {A}, n: {A}", f"n: {A}, m: {A}", ["group  m, n -> n, m"]),
        (f"m: {A}", f"n.x: {A}", ["group  m -> n.x"]),
        (f"m: {A}, n: {A}", f"m: {B}, o: {A}", ["group          m, n -> m, o", "m.params.fake  x1 -> x2"]),
        (f"m: {A}", f"m: {B}", ["m.params.fake  x1 -> x2"]),
    ],
)
def test_changed_group_shows_its_members_and_their_changes(old: str, new: str, expected: list[str]) -> None:
    assert lines(f"g: {{group: {{{old}}}}}", f"g: {{group: {{{new}}}}}") == expected
    clone = "clone: {id: gc}"
    in_clone = lines(f"g: {{group: {{{old}}}, {clone}}}", f"g: {{group: {{{new}}}, {clone}}}")
    assert in_clone == expected


def test_changed_bundle_shows_its_new_primitive() -> None:
    bundle = "bundle: {podman: {image: i}, network: {control-port: 3121}}"
    assert lines(f"b: {{{bundle}}}", f"b: {{{bundle}, primitive: {{x: {A}}}}}") == ["contains  (none) -> x"]
