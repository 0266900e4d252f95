"""The JSON Schema of documents, for completion and validation in editors.

It is derived from the same table of the model as decoding, so it includes every attribute of the model.
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib import Element, administration, constraints, nvsets, resources, rules
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.table import Attribute, Children, layout
from pacemaker_os.cib.values import BOOLEAN, DURATION, INTEGER, LEVEL, MAX_LEVEL, SCORE, TIMEOUT, Kind
from pacemaker_os.document.forms.constraints import CLASSES

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_NAMES: Schema = {"type": "array", "items": _TEXT}
_KINDS: dict[str, list[Schema]] = {
    BOOLEAN.name: [
        {"type": "boolean"},
        {"enum": ["true", "false", "yes", "no", "on", "off", "y", "n", "1", "0", 1, 0]},
    ],
    INTEGER.name: [{"type": "integer"}, {"type": "string", "pattern": r"^\s*[+-]?\d+\s*$"}],
    LEVEL.name: [
        {"type": "integer", "minimum": 1, "maximum": MAX_LEVEL},
        {"type": "string", "pattern": r"^\s*\+?0*[1-9]\s*$"},
    ],
    SCORE.name: [{"type": "integer"}, {"type": "string", "pattern": r"^\s*[+-]?(\d+|INFINITY)\s*$"}],
    DURATION.name: [
        {"type": "integer"},
        {"type": "string", "pattern": r"^\s*(\d+\s*[a-zA-Z]*|P[0-9+YMWDTHS-]+)\s*$"},
    ],
    TIMEOUT.name: [{"type": "integer"}, {"type": "string", "pattern": r"^\s*\d+\s*[a-zA-Z]*\s*$"}],
}
_PAIRS: Schema = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/value"}}


def json_schema() -> Schema:
    """Return the schema of a whole document, as draft 7, which editors support."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://pacemaker-os.invalid/schema.json",
        "title": "cluster.cib.yaml",
        "description": "The configuration of a Pacemaker cluster.",
        "type": "object",
        "additionalProperties": False,
        "properties": _sections(),
        "definitions": _definitions(),
    }


def _sections() -> Schema:
    listed = {section: _constraint_list(section) for section in CLASSES}
    return {
        "name": _with_description(
            _TEXT, "Owner of the objects in this document. Default: the file name without its suffix."
        ),
        "cluster": _with_description(_TEXT, "Name of the cluster."),
        "schema": _with_description(_TEXT, "Version of the CIB schema, for example pacemaker-3.9."),
        "uses": _with_description(_NAMES, "Names of resources that other documents define."),
        "include": _with_description({"anyOf": [_TEXT, _NAMES]}, "Files to include in this document."),
        "vars": _with_description(
            _PAIRS, "Default values of ${name}. --var and the environment take precedence."
        ),
        "properties": _with_description(_sets(nvsets.PropertySet), "Cluster properties."),
        "nodes": _with_description(
            _named(_node()), "Nodes or node ranges such as controller0[1-3], with their attributes."
        ),
        "defaults": _object(
            {"resources": _sets(nvsets.ResourceDefaults), "operations": _sets(nvsets.OperationDefaults)}
        ),
        "templates": _named(_ref("template")),
        "resources": _with_description(_named(_ref("resource")), "Resources by name."),
        **listed,
        "fencing": _fencing(),
        "tags": _named(_NAMES),
        "acls": _object(
            {
                "roles": _named(_element(administration.AclRole, hidden=("id",))),
                "users": _named({"anyOf": [_NAMES, _element(administration.AclTarget, hidden=("id",))]}),
                "groups": _named({"anyOf": [_NAMES, _element(administration.AclGroup, hidden=("id",))]}),
            }
        ),
        "alerts": _named({"anyOf": [_TEXT, _element(administration.Alert, hidden=("id",))]}),
        "unknown": _named(_NAMES),
    }


def _definitions() -> Schema:
    wrapped = {"clone": _clone(), "promotable": _clone()}
    agent = {
        "agent": _with_description(_TEXT, "Resource agent: CLASS:TYPE or ocf:PROVIDER:TYPE."),
        "monitor": _ref("operation"),
    }
    primitive = _element(resources.Primitive, hidden=("id",), more=agent)
    group = _element(resources.Group, hidden=("id",))
    return {
        "value": {"type": ["string", "number", "boolean", "null"]},
        "sets": {"anyOf": [_PAIRS, {"type": "array", "items": _element(nvsets.NvSet)}]},
        "rule": {"anyOf": [_TEXT, _element(rules.Rule, more={"where": _TEXT})]},
        "operation": {"anyOf": [_TEXT, _element(resources.Operation, hidden=("name",), required=False)]},
        "operation-in-list": _element(resources.Operation),
        "resource-set": _element(constraints.ResourceSet),
        **{section: _constraint(section) for section in CLASSES},
        "primitive": primitive,
        "template": _element(resources.Template, hidden=("id",), more=agent),
        "resource": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **primitive["properties"],
                **group["properties"],
                **_bundle()["properties"],
                **wrapped,
            },
        },
    }


def _bundle() -> Schema:
    outer = _element(resources.Bundle, hidden=("id", "container", "network", "storage"))
    containers = {cls.tag: _element(cls) for cls in (resources.Docker, resources.Podman, resources.Rkt)}
    inner = {
        **containers,
        "network": _element(resources.Network),
        "storage": {"type": "array", "items": _element(resources.StorageMapping)},
    }
    return _object({**outer["properties"], "bundle": _object(inner), "primitive": _named(_ref("primitive"))})


def _clone() -> Schema:
    long = _element(resources.Clone, hidden=("child",))
    return {"anyOf": [{"type": ["boolean", "null"]}, _sets(nvsets.MetaAttributes), long]}


def _node() -> Schema:
    return {"anyOf": [_sets(nvsets.InstanceAttributes), _element(Node, hidden=("uname",))]}


def _fencing() -> Schema:
    devices = {"anyOf": [_TEXT, _NAMES]}
    level = _element(administration.FencingLevel, hidden=("devices",), more={"devices": devices})
    by_node = _named({"type": "array", "items": devices})
    return {"anyOf": [by_node, {"type": "array", "items": level}]}


def _constraint_list(section: str) -> Schema:
    named = {
        "type": "object",
        "maxProperties": 1,
        "minProperties": 1,
        "additionalProperties": {"anyOf": [_TEXT, _ref(section)]},
    }
    items = {"anyOf": [_TEXT, _ref(section), named]}
    return _with_description({"type": ["array", "null"], "items": items}, _doc(CLASSES[section]))


def _constraint(section: str) -> Schema:
    more: Schema = {}
    if CLASSES[section] is constraints.Location:
        more = {
            "resources": {"anyOf": [_TEXT, _NAMES]},
            "except": _NAMES,
            "where": _ref("rule"),
            "score-attribute": _TEXT,
        }
    return _element(CLASSES[section], more=more)


def _element(
    cls: type[Element], *, hidden: tuple[str, ...] = (), more: Schema | None = None, required: bool = True
) -> Schema:
    """Return the long form of a class; `hidden` are keys that appear elsewhere."""
    table = layout(cls)
    shown = {key: spec for key, spec in table.keys.items() if key not in hidden}
    schema = _object({key: _field(spec) for key, spec in shown.items()} | (more or {}))
    schema["properties"]["unknown"] = _object({"attributes": _PAIRS, "elements": _NAMES})
    schema["description"] = _doc(cls)
    needed = [key for key, spec in shown.items() if isinstance(spec, Attribute) and spec.required]
    if needed and required:
        schema["required"] = needed
    return schema


def _field(spec: Attribute | Children) -> Schema:
    if isinstance(spec, Attribute):
        return _value(spec.kind)
    first = spec.classes[0]
    match spec.form:
        case "nvsets":
            return _sets(first)
        case "nvpairs":
            return {"anyOf": [_PAIRS, {"type": "array", "items": _element(nvsets.NvPair)}]}
        case "rule":
            return _ref("rule")
        case "rules":
            return {"type": "array", "items": _ref("rule")}
        case "expressions":
            kinds = {cls.tag: _element(cls) for cls in spec.classes if cls is not rules.Rule}
            return {"type": "array", "items": {"anyOf": [_TEXT, _object({**kinds, "rule": _ref("rule")})]}}
        case "operations":
            by_name = {"anyOf": [_ref("operation"), {"type": "array", "items": _ref("operation")}]}
            items = {"type": "array", "items": _ref("operation-in-list")}
            own = {"id": {"anyOf": [_TEXT, by_name]}, "list": {"anyOf": [by_name, items]}}
            return {"anyOf": [{"type": "object", "properties": own, "additionalProperties": by_name}, items]}
        case "sets":
            return {"type": "array", "items": {"anyOf": [_NAMES, _ref("resource-set")]}}
        case "names":
            return _NAMES
        case "named":
            return _named(_ref("primitive"))
        case "select":
            return {"type": "array", "items": {"anyOf": [_TEXT, _object({"attributes": _NAMES})]}}
        case "recipients":
            return {"type": "array", "items": {"anyOf": [_TEXT, _element(first)]}}
        case "list":
            return {"type": "array", "items": _element(first)}
    return _element(first)


def _sets(cls: type[Element]) -> Schema:
    """Return the schema of sets of name-value pairs, described by their class."""
    return {"allOf": [_ref("sets")], "description": _doc(cls)}


def _value(kind: Kind) -> Schema:
    if kind.choices:
        return {"anyOf": [{"enum": list(kind.choices)}, _VARIABLE]}
    if kind.name in _KINDS:
        return {"anyOf": [*_KINDS[kind.name], {"type": "null"}, _VARIABLE]}
    return {"type": ["string", "number", "boolean", "null"]}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _named(value: Schema) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": value}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _with_description(schema: Schema, description: str) -> Schema:
    # Draft 7 ignores other keys next to a $ref.
    schema = {"allOf": [schema]} if "$ref" in schema else schema
    return {**schema, "description": description}


def _doc(cls: type[Element]) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]
