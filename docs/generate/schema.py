"""Generate the reference of the document from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generate.markdown import code, table
from pacemaker_os import document

HEAD = """\
# Document reference

The keys of `cluster.cib.yaml`, from the JSON Schema that `pcs-os schema` prints. Scores, booleans and
durations can also be a `${variable}`. For explanations and examples, see [](../documents.md).

"""

#: For each part with keys of its own, its name in the schema, and its heading.
PARTS = {
    "resource": "A resource: primitive, group, clone or bundle",
    "primitive": "A primitive in a group or bundle",
    "template": "A template",
    "operation": "An operation",
    "order": "An order",
    "colocation": "A colocation",
    "location": "A location",
    "tickets": "A ticket",
    "resource-set": "A set in a constraint",
    "rule": "A rule",
    "sets": "A set of names and values",
}

Schema = Mapping[str, Any]


def page() -> str:
    """Return the page."""
    schema = document.json_schema()
    parts = ["## The document", "", rows(schema)]
    for name, heading in PARTS.items():
        parts += [f"## {heading}", "", rows(long_form(schema["definitions"][name]))]
    return HEAD + "\n".join(parts)


def long_form(schema: Schema) -> Schema:
    """Return the form with keys, of several alternative forms."""
    return next((form for form in forms(schema) if "properties" in form), schema)


def forms(schema: Schema) -> Iterator[Schema]:
    """Yield the alternative forms of a schema."""
    for form in schema.get("anyOf", [schema]):
        yield from forms(form) if "anyOf" in form else [form]


def rows(schema: Schema) -> str:
    """Return the table of a mapping's keys."""
    found = [
        (
            code(name),
            "yes" if name in schema.get("required", ()) else "",
            kind(value),
            value.get("description", ""),
        )
        for name, value in schema.get("properties", {}).items()
    ]
    return table(["Key", "Required", "Value", "Description"], found)


def kind(schema: Schema) -> str:
    """Return a short description of the allowed values."""
    if "$ref" in schema:
        return named(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(code(str(each)) for each in schema["enum"])
    if "allOf" in schema:
        return kind(schema["allOf"][0])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(kind, forms(schema))))
    return of_type(schema)


def named(name: str) -> str:
    """Return a link to the part if it has a heading, otherwise its name."""
    if name not in PARTS:
        return name
    anchor = "".join(each for each in PARTS[name].lower() if each.isalnum() or each == " ").replace(" ", "-")
    return f"[{name}](#{anchor})"


def of_type(schema: Schema) -> str:
    """Return the name of a plain type."""
    declared = schema.get("type", "string")
    name = declared[0] if isinstance(declared, list) else declared
    if name == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if name == "object":
        inner = schema.get("additionalProperties")
        return f"mapping of names to {kind(inner)}" if isinstance(inner, dict) else "mapping"
    return {"string": "text", "boolean": "true, false", "integer": "number", "null": "nothing"}[name]
