"""The vocabulary of the raw CIB contains the tags and attributes of Pacemaker's schemas."""

from __future__ import annotations

from pacemaker_os.cib.tree import vocabulary


def test_tags_and_attributes_are_those_of_the_schemas() -> None:
    assert set(vocabulary.RESOURCE_TAGS) == {"primitive", "group", "clone", "master", "bundle"}
    assert set(vocabulary.RESOURCE_ATTRIBUTES) == {"rsc", "with-rsc", "first", "then"}
    assert set(vocabulary.NODE_ATTRIBUTES) == {"node", "target", "uname"}
    assert set(vocabulary.REFERENCE_ATTRIBUTES) == {
        *vocabulary.RESOURCE_ATTRIBUTES,
        "id-ref",
        "reference",
        "template",
    }
    assert set(vocabulary.REFERENCE_TAGS) == {"resource_ref", "obj_ref", "role"}
