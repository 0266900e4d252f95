"""Checks of documents that conform to the schema."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from pacemaker_os import document
from pacemaker_os.document.checks.agents import agents_of, check_agents, check_installed
from pacemaker_os.document.checks.check import check
from pacemaker_os.document.checks.unique import check_unique

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/document/checks.yaml").read_text())


def parameter(name, type="string", **fields):
    defaults = {
        "required": False,
        "choices": (),
        "deprecated": False,
        "replaced_by": "",
        "default": None,
        "unique_group": "",
        "description": "",
    }
    return SimpleNamespace(name=name, type=type, **defaults | fields)


THING = SimpleNamespace(
    name="ocf:test:Thing",
    parameters=(
        parameter("port", "integer", required=True),
        parameter("mode", "select", choices=("fast", "slow")),
        parameter("dampen", "integer", default="5s"),
        parameter("suffix", "integer", default=""),
        parameter("size", "integer", default="10"),
        parameter("delay", "integer", default="5"),
        parameter(
            "unmount", "boolean", default="true", description='"true": kill; "safe": kill the own ones'
        ),
        parameter("old", deprecated=True, replaced_by="mode"),
    ),
    actions=tuple(SimpleNamespace(name=name) for name in ("start", "stop", "monitor")),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_check_reports_findings(case):
    cib = document.load(case["document"], file="a")
    findings = [*check(cib), *check_agents(cib, {"ocf:test:Thing": THING}.get)]
    reported = {
        kind: sorted(
            {
                f"{each.origin}: {each.message} [{each.code}]"
                for each in findings
                if each.is_warning is is_warning
            }
        )
        for kind, is_warning in (("problems", False), ("warnings", True))
    }
    assert reported == {kind: sorted(case[kind]) for kind in ("problems", "warnings")}


def test_check_long_chain_of_orders_finds_only_cycle():
    names = [f"r{i}" for i in range(5000)]
    text = "resources:\n" + "".join(f"  {name}: {{agent: 'systemd:x'}}\n" for name in names)
    text += "order:\n" + "".join(f"  - {a} then {b}\n" for a, b in pairwise(names))
    assert check(document.load(text)) == []
    (cycle,) = check(document.load(text + "  - r4999 then r0\n"))
    assert cycle.code == "order-cycle"


def test_agents_of_returns_each_agent_once():
    cib = document.load(
        "templates: {t: {agent: 'ocf:a:T'}}\n"
        "resources:\n"
        "  x: {template: t}\n"
        "  y: {agent: 'ocf:a:T', clone: {}}\n"
        "  g: {group: {z: {agent: 'ocf:a:Z'}}}\n"
    )
    assert agents_of(cib) == ("ocf:a:T", "ocf:a:Z")


ADDRESS = SimpleNamespace(
    name="ocf:test:Address",
    parameters=(
        parameter("ip", unique_group="ip"),
        parameter("host", unique_group="listener"),
        parameter("port", unique_group="listener", default="80"),
        parameter("nic"),
    ),
    actions=(),
)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        pytest.param(
            "a: {agent: A, params: {ip: 1, nic: e}}; b: {agent: A, params: {nic: e, ip: 1}, clone: {}}",
            "a:3:53: resource 'b' has the same ip as 'a'",
            id="same address",
        ),
        pytest.param(
            "a: {agent: A, params: {host: h}}; b: {agent: A, params: {port: 80, host: h}}",
            "a:3:57: resource 'b' has the same host and port as 'a'",
            id="default value",
        ),
        pytest.param(
            "a: {agent: A, params: {host: h}}; b: {agent: A, params: {port: 81, host: h}}",
            "",
            id="part of a group",
        ),
        pytest.param("a: {agent: A, params: {nic: e}}; b: {agent: A, params: {nic: e}}", "", id="not unique"),
        pytest.param("a: {agent: A}; b: {agent: A}", "", id="no parameters"),
        pytest.param(
            "a: {agent: A, params: {ip: 1}}; b: {agent: B, params: {ip: 1}}", "", id="another agent"
        ),
        pytest.param(
            "a: {agent: A, params: {ip: 1}}; "
            'b: {agent: A, params: [{where: "date gt 2030-01-01", values: {ip: 1}}]}',
            "",
            id="with a rule",
        ),
    ],
)
def test_check_unique_reports_equal_values(resources, expected):
    lines = resources.replace("agent: ", "agent: ocf:test:").replace("test:A", "test:Address").split("; ")
    cib = document.load("resources:\n" + "".join(f"  {line}\n" for line in lines), file="a")
    found = check_unique(cib, {"ocf:test:Address": ADDRESS}.get)
    assert [f"{each.origin}: {each.message.partition(';')[0]}" for each in found] == [expected] * bool(
        expected
    )
    assert all(each.is_warning and each.code == "not-unique" for each in found)


def test_check_unique_includes_parameters_of_template():
    cib = document.load(
        "templates: {t: {agent: 'ocf:test:Address', params: {ip: 1}}}\n"
        "resources: {a: {template: t}, b: {template: t, params: {ip: 2}}, c: {template: t}}\n"
    )
    (clash,) = check_unique(cib, {"ocf:test:Address": ADDRESS}.get)
    assert clash.message.startswith("resource 'c' has the same ip as 'a'")


def test_check_installed_with_node_reports_every_missing_agent():
    cib = document.load(
        "resources:\n"
        "  a: {agent: 'ocf:heartbeat:IPadr2'}\n"
        "  b: {agent: 'ocf:heartbeat:Elsewhere', clone: {}}\n"
        "  c: {agent: 'ocf:heartbeat:Dummy'}\n"
        "  d: {agent: 'ocf:rabbitmq:rabbitmq-server-ha'}\n",
        file="a",
    )
    missing = ["ocf:heartbeat:IPadr2", "ocf:heartbeat:Elsewhere", "ocf:rabbitmq:rabbitmq-server-ha"]
    installed = {"ocf:heartbeat": ("IPaddr2", "Dummy"), "ocf:rabbitmq": ("rabbitmq-server",)}

    def reported(where: str | None) -> list[str]:
        found = check_installed(cib, missing, installed.__getitem__, where)
        return [f"{each.origin}: {each.message} [{each.code}]" for each in found]

    misspelled = "unknown agent 'ocf:heartbeat:IPadr2'{}; did you mean 'IPaddr2'? [unknown-agent]"
    assert reported(None) == ["a:2:3: " + misspelled.format("")]
    assert reported("node1") == [
        "a:2:3: " + misspelled.format(" on node1"),
        "a:3:3: unknown agent 'ocf:heartbeat:Elsewhere' on node1 [unknown-agent]",
        "a:5:3: unknown agent 'ocf:rabbitmq:rabbitmq-server-ha' on node1 [unknown-agent]",
    ]
