"""A document fits the schema of the cluster, or the plan names the schema that it requires."""

from __future__ import annotations

import pytest

from pacemaker_os import document
from pacemaker_os.cluster.planning.schema import in_schema
from pacemaker_os.errors import InputError

RESOURCES = "resources: {a: {agent: 'lsb:x'}, p: {agent: 'ocf:x:y', promotable: {}}}\n"


@pytest.mark.parametrize("schema", ["pacemaker-3.0", "pacemaker-2.5", "pacemaker-3.6"])
def test_in_schema_uses_former_roles_before_schema_3_7(schema):
    text = f"{RESOURCES}colocation: [a with Promoted p]\nlocation: [Unpromoted p on n1]\n"
    xml = in_schema(document.load(text), schema).to_xml()
    assert 'with-rsc-role="Master"' in xml
    assert 'role="Slave"' in xml
    assert "Promoted" not in xml


@pytest.mark.parametrize("schema", ["pacemaker-3.7", "pacemaker-3.9", "pacemaker-4.0", "none", None])
def test_in_schema_keeps_current_roles(schema):
    cib = document.load(f"{RESOURCES}colocation: [a with Promoted p]\n")
    assert in_schema(cib, schema) is cib


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        (
            "pacemaker-3.5",
            "colocation: ['a with p (5, influence=false)']",
            "'influence' requires schema pacemaker-3.6",
        ),
        (
            "pacemaker-3.3",
            "defaults: {operations: [{where: op monitor, values: {x: y}}]}",
            "<op_expression> requires schema pacemaker-3.4",
        ),
        (
            "pacemaker-3.8",
            "defaults: {operations: [{where: op monitor, values: {x: y}}]}",
            "a rule without a score requires schema pacemaker-3.9",
        ),
        (
            "pacemaker-3.1",
            "resources: {u: {bundle: {podman: {image: x}}}}",
            "<podman> requires schema pacemaker-3.2",
        ),
        (
            "pacemaker-3.3",
            "resources: {b: {agent: 'lsb:x', operations: {start: {on-fail: demote}}}}",
            "'on-fail: demote' requires schema pacemaker-3.4",
        ),
        ("pacemaker-3.7", "acls: {users: {u: {name: x}}}", "'name' requires schema pacemaker-3.8"),
        ("pacemaker-1.2", "tags: {t: [a]}", "<tag> requires schema pacemaker-1.3"),
    ],
)
def test_in_schema_names_required_schema(schema, text, expected):
    first = "" if text.startswith("resources") else RESOURCES
    with pytest.raises(InputError) as caught:
        in_schema(document.load(f"{first}{text}\n", file="a"), schema)
    messages = [str(problem) for problem in caught.value.problems]
    found = [each for each in messages if expected in each]
    assert len(found) == 1
    assert found[0].startswith(f"a:{2 if first else 1}:")
    assert f"the cluster has {schema}; to upgrade the schema of the cluster, use --upgrade-schema" in found[0]
