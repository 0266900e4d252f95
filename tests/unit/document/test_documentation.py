"""The examples of the documentation are good documents, and the JSON Schema takes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_json_schema import errors

from pacemaker_os import document

TEXT = (Path(__file__).parents[3] / "docs/documents.md").read_text()
EXAMPLES = re.findall(r"^## (.*?)$.*?```yaml\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)


def test_there_are_examples():
    assert len(EXAMPLES) == TEXT.count("```yaml")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0])
def test_an_example(example):
    cib = document.load(example[1])
    assert list(cib.objects())
    assert errors(example[1]) == []
    assert document.dump(cib)
