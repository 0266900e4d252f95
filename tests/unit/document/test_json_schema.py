"""The JSON Schema accepts valid documents and rejects invalid ones."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from pacemaker_os import document

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests/cases/document"
SAME = yaml.safe_load((CASES / "same.yaml").read_text())
SHIPPED = sorted((ROOT / "cib").glob("*.cib.yaml"))
VALIDATOR = jsonschema.Draft7Validator(document.json_schema())


class _Core(yaml.SafeLoader):
    """The core types of YAML 1.2, as editors have them: `no` is a string, `30` a number, `true` a boolean."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads a class attribute
        first: [(tag, regexp) for tag, regexp in known if not tag.endswith((":bool", ":timestamp"))]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Core.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))


def errors(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(yaml.load(text, Loader=_Core))]


def test_json_schema_is_valid():
    jsonschema.Draft7Validator.check_schema(document.json_schema())


@pytest.mark.parametrize("case", SAME, ids=lambda case: case["why"])
def test_json_schema_accepts_equivalent_documents(case):
    assert errors(case["document"]) == []
    assert errors(case.get("written", case["document"])) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_json_schema_accepts_shipped_documents(path):
    assert errors(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "resorces: {}",
        "resources: {a: {agnet: x}}",
        "resources: {a: {agent: [x]}}",
        "resources: {a: {agent: 'systemd:a', monitor: {interval: 10s, timout: 1s}}}",
        "resources: {a: {agent: 'systemd:a', operations: {start: {on-fail: explode}}}}",
        "resources: {a: {bundle: {podman: {}}}}",
        "order: [{first: a, then: b, kind: sometimes}]",
        "colocation: [{resource: a, with: b, score: oo}]",
        "properties: [x]",
        "alerts: {a: {}}",
        "acls: {user: {}}",
    ],
)
def test_json_schema_rejects_invalid_document(text):
    assert errors(text) != []


def test_shipped_json_schema_is_current():
    shipped = json.loads((ROOT / "cib/schema.json").read_text())
    assert shipped == document.json_schema(), "run: pcs-os schema -o cib/schema.json"
