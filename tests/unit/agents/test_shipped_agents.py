"""The shipped documents use the agents according to their metadata."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.agents import find
from pacemaker_os.ocf.agent import Agent

SHIPPED = sorted((Path(__file__).parents[3] / "cib").glob("*.cib.yaml"))


def uses() -> Iterator[tuple[str, etree._Element]]:
    for path in SHIPPED:
        configuration = etree.fromstring(document.load(path.read_text()).to_xml())
        for primitive in configuration.iterfind(".//primitive[@provider='pacemaker-os']"):
            yield f"{path.name} {primitive.get('id')}", primitive


USES = dict(uses())


@pytest.fixture(params=USES)
def primitive(request: pytest.FixtureRequest) -> etree._Element:
    return USES[request.param]


@pytest.fixture
def kind(primitive: etree._Element) -> type[Agent]:
    return find(str(primitive.get("type")))


@pytest.mark.parametrize("name", ["galera", "redis"])
def test_documents_do_not_use_shell_agents(name: str) -> None:
    assert [path.name for path in SHIPPED if f"ocf:heartbeat:{name}" in path.read_text()] == []


def test_documents_use_existing_parameters(primitive: etree._Element, kind: type[Agent]) -> None:
    declared = {pair.get("name") for pair in primitive.iterfind("instance_attributes/nvpair")}
    assert declared <= {parameter.name for parameter in kind.parameters()}
    assert {parameter.name for parameter in kind.parameters() if parameter.required} <= declared


def test_documents_use_suggested_timeouts(primitive: etree._Element, kind: type[Agent]) -> None:
    declared = {str(op.get("name")): seconds(op) for op in primitive.iterfind("operations/op")}
    for action in kind.actions:
        # A monitor with a higher OCF_CHECK_LEVEL is a separate operation with its own timeout.
        if action.timeout > 20 and not action.depth:
            assert declared.get(action.name, 20) >= action.timeout, action.name


def seconds(op: etree._Element) -> int:
    return int(str(op.get("timeout", "20s")).removesuffix("s"))


def test_documents_monitor_both_roles(primitive: etree._Element, kind: type[Agent]) -> None:
    roles = {action.role for action in kind.actions if action.name == "monitor"}
    declared = {op.get("role", "") for op in primitive.iterfind("operations/op[@name='monitor']")}
    assert roles <= declared
