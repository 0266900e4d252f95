"""The page of the document's words: from the JSON Schema that editors check with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generate.markdown import code, table
from pacemaker_os import document

HEAD = """\
# The document, word by word

What each part of `cluster.cib.yaml` may hold, from the JSON Schema that `pcs-os schema` prints. Whatever is
a score, a boolean or a duration to Pacemaker may also be a `${variable}`. How the words are used, with
examples, is in [](../documents.md).

"""

#: The parts that have words of their own, by their names in the schema, with a heading for each.
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
    """Return the form of something that has names, of its several forms."""
    return next((form for form in forms(schema) if "properties" in form), schema)


def forms(schema: Schema) -> Iterator[Schema]:
    """Every way to write something."""
    for form in schema.get("anyOf", [schema]):
        yield from forms(form) if "anyOf" in form else [form]


def rows(schema: Schema) -> str:
    """Return the table of a mapping's words."""
    found = [
        (
            code(name),
            "yes" if name in schema.get("required", ()) else "",
            kind(value),
            value.get("description", ""),
        )
        for name, value in schema.get("properties", {}).items()
    ]
    return table(["word", "needed", "takes", "meaning"], found)


def kind(schema: Schema) -> str:
    """Return what a value may be, in a few words."""
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
    """Return a link to a part that has a heading, or the name alone."""
    if name not in PARTS:
        return name
    anchor = "".join(each for each in PARTS[name].lower() if each.isalnum() or each == " ").replace(" ", "-")
    return f"[{name}](#{anchor})"


def of_type(schema: Schema) -> str:
    """Return what a plain type is called."""
    said = schema.get("type", "string")
    types = said[0] if isinstance(said, list) else said
    if types == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if types == "object":
        inner = schema.get("additionalProperties")
        return f"names, each with {kind(inner)}" if isinstance(inner, dict) else "mapping"
    return {"string": "text", "boolean": "true, false", "integer": "number", "null": "nothing"}[types]
