"""Every mistake is told with its place and what to do; none of them ends in a traceback."""

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
def test_broken(case):
    assert problems(case["document"]) == case["problems"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening):
    (said,) = problems(opening * 100_000)
    assert f"more than {MAX_DEPTH} levels deep" in said


def test_aliases_cannot_make_a_small_file_large():
    names = "abcdefghijkl"
    lines = [f"{names[0]}: &{names[0]} [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    (said,) = problems("\n".join(lines))
    assert said.endswith("with its aliases this is more than 500,000 values [too-large]")


def test_no_more_problems_than_help():
    many = "properties:\n" + "".join(f"  p{i}: []\n" for i in range(1000))
    said = problems(many)
    assert len(said) == 101
    assert said[-1].endswith("and perhaps more; mend these first [too-many]")


def test_brackets_of_a_rule_are_bounded():
    text = f"resources: {{a: {{agent: 'systemd:a'}}}}\nlocation: [{{resource: a, where: '{'(' * 50_000}'}}]\n"
    (said,) = problems(text)
    assert "no more than 30 brackets in each other were expected" in said


def test_many_dangling_names_are_told_quickly():
    names = "".join(f"  resource-{i}: {{agent: 'systemd:a'}}\n" for i in range(2000))
    orders = "".join(f"  - resorce-{i} then resource-{i}\n" for i in range(2000))
    begin = time.process_time()
    assert len(problems(f"resources:\n{names}order:\n{orders}")) == 101
    assert time.process_time() - begin < 20
