"""What the schema lets through but an operator would want to know."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from pacemaker_os import document
from pacemaker_os.document.agent_checks import agents_of, check_agents, check_installed
from pacemaker_os.document.checks import check

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/document/checks.yaml").read_text())


def parameter(name, type="string", required=False, choices=(), deprecated=False, instead=""):
    return SimpleNamespace(
        name=name, type=type, required=required, choices=choices, deprecated=deprecated, instead=instead
    )


THING = SimpleNamespace(
    name="ocf:test:Thing",
    parameters=(
        parameter("port", "integer", required=True),
        parameter("mode", "select", choices=("fast", "slow")),
        parameter("old", deprecated=True, instead="mode"),
    ),
    actions=tuple(SimpleNamespace(name=name) for name in ("start", "stop", "monitor")),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_findings(case):
    cib = document.load(case["document"], file="a")
    findings = [*check(cib), *check_agents(cib, {"ocf:test:Thing": THING}.get)]
    said = {
        kind: sorted(
            {f"{each.origin}: {each.message} [{each.code}]" for each in findings if each.advice is advice}
        )
        for kind, advice in (("problems", False), ("advice", True))
    }
    assert said == {"problems": sorted(case["problems"]), "advice": sorted(case["advice"])}


def test_long_chains_of_orders():
    names = [f"r{i}" for i in range(5000)]
    text = "resources:\n" + "".join(f"  {name}: {{agent: 'systemd:x'}}\n" for name in names)
    text += "order:\n" + "".join(f"  - {a} then {b}\n" for a, b in pairwise(names))
    assert check(document.load(text)) == []
    (circle,) = check(document.load(text + "  - r4999 then r0\n"))
    assert circle.code == "order-cycle"


def test_agents_are_asked_once():
    cib = document.load(
        "templates: {t: {agent: 'ocf:a:T'}}\n"
        "resources:\n"
        "  x: {template: t}\n"
        "  y: {agent: 'ocf:a:T', clone: {}}\n"
        "  g: {group: {z: {agent: 'ocf:a:Z'}}}\n"
    )
    assert agents_of(cib) == ("ocf:a:T", "ocf:a:Z")


def test_agents_that_are_not_there():
    cib = document.load(
        "resources:\n"
        "  a: {agent: 'ocf:heartbeat:IPadr2'}\n"
        "  b: {agent: 'ocf:heartbeat:Elsewhere', clone: {}}\n"
        "  c: {agent: 'ocf:heartbeat:Dummy'}\n",
        file="a",
    )
    missing = ["ocf:heartbeat:IPadr2", "ocf:heartbeat:Elsewhere"]
    installed = {"ocf:heartbeat": ("IPaddr2", "Dummy")}

    def said(where: str | None) -> list[str]:
        found = check_installed(cib, missing, installed.__getitem__, where)
        return [f"{each.origin}: {each.message} [{each.code}]" for each in found]

    slip = "there is no agent 'ocf:heartbeat:IPadr2'{}; did you mean 'IPaddr2'? [unknown-agent]"
    assert said(None) == ["a:2:3: " + slip.format("")]
    assert said("node1") == [
        "a:2:3: " + slip.format(" on node1"),
        "a:3:3: there is no agent 'ocf:heartbeat:Elsewhere' on node1 [unknown-agent]",
    ]
