"""Invalid documents: every problem is reported with position and remedy."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from pacemaker_os import document
from pacemaker_os.document import DocumentError
from pacemaker_os.document.yaml.parser import MAX_DEPTH

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/document/broken.yaml").read_text())


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        document.load(text, file="a")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_load_broken_document_reports_every_problem(case):
    assert problems(case["document"]) == case["problems"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_load_deeply_nested_document_is_rejected(opening):
    (problem,) = problems(opening * 100_000)
    assert f"more than {MAX_DEPTH} levels deep" in problem


def test_load_expanding_aliases_are_limited():
    names = "abcdefghijkl"
    lines = [f"{names[0]}: &{names[0]} [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    (problem,) = problems("\n".join(lines))
    assert problem.endswith("more than 500,000 values after its aliases are expanded [too-large]")


def test_load_many_problems_stops_at_limit():
    many = "properties:\n" + "".join(f"  p{i}: []\n" for i in range(1000))
    found = problems(many)
    assert len(found) == 101
    assert found[-1].endswith("stopped after 100 problems; fix these first [too-many]")


def test_load_deeply_nested_rule_is_rejected():
    text = f"resources: {{a: {{agent: 'systemd:a'}}}}\nlocation: [{{resource: a, where: '{'(' * 50_000}'}}]\n"
    (problem,) = problems(text)
    assert "expected at most 30 nested brackets" in problem


def test_load_many_unknown_names_is_fast():
    names = "".join(f"  resource-{i}: {{agent: 'systemd:a'}}\n" for i in range(2000))
    orders = "".join(f"  - resorce-{i} then resource-{i}\n" for i in range(2000))
    begin = time.process_time()
    assert len(problems(f"resources:\n{names}order:\n{orders}")) == 101
    assert time.process_time() - begin < 20


@pytest.mark.parametrize("value", ["a\x01", "\udcff", "\ufffe"])
def test_load_variable_with_forbidden_character_is_rejected(value):
    with pytest.raises(DocumentError) as caught:
        document.load("properties: {x: '${v}'}", file="a", variables={"v": value})
    (problem,) = caught.value.problems
    assert str(problem) == f"a:1:17: a CIB cannot contain the character U+{ord(value[-1]):04X} [character]"


def test_read_file_name_with_forbidden_character_requires_name():
    source = document.Source("web\udcff.cib.yaml", "resources: {}")
    with pytest.raises(DocumentError, match="set `name` in the document"):
        document.read([source])
    named = document.Source(source.file, "name: web\nresources: {}")
    assert document.read([named]).name == "web"
