"""The examples of the documentation are valid documents and conform to the JSON Schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_json_schema import errors

from pacemaker_os import document

TEXT = (Path(__file__).parents[3] / "docs/documents.md").read_text()
EXAMPLES = re.findall(r"^## (.*?)$.*?```yaml\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)


def test_documentation_examples_are_all_found():
    assert len(EXAMPLES) == TEXT.count("```yaml")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0])
def test_documentation_example_is_valid(example):
    cib = document.load(example[1])
    assert list(cib.objects())
    assert errors(example[1]) == []
    assert document.dump(cib)
