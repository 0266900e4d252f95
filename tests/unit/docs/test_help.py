"""The examples of each help are valid, and the man page matches the help."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from shown_commands import refused

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "docs"))

from generate.commands import contexts, help_of  # noqa: E402 (the path comes first)
from generate.man import page  # noqa: E402

MAN_PAGE = ROOT / "cli" / "man" / "pcs-os.1"


@pytest.mark.parametrize("context", list(contexts()), ids=lambda context: context.command_path)
def test_help_has_a_valid_example(context: click.Context) -> None:
    _, examples = help_of(context.command)
    lines = [line for line in examples.replace("\\\n", " ").splitlines() if line.strip()]
    assert lines, "the help has no Example"
    assert [(line, why) for line in lines if (why := refused(line))] == []
    assert any(line.strip().startswith(context.command_path) for line in lines)


def test_man_page_matches_the_commands() -> None:
    assert MAN_PAGE.read_text() == page(), "run: python docs/generate"


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed here")
def test_man_page_passes_mandoc() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "error", str(MAN_PAGE)], capture_output=True, text=True
    )
    assert done.stdout == ""
