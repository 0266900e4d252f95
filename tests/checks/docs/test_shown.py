"""Commands in documentation pages: they exist, and those that need no cluster run as shown."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from shown_commands import PAGES, ROOT, Reader, blocks, pcs_os_lines, refused

from pacemaker_os.cli.main import COMMANDS


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


#: For each text in a page, the program that the page needs. /usr/sbin can be missing in PATH.
REQUIRED = {"--cib-file": "crm_simulate", "pcs-os graph": "dot"}
SEARCHED = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"

WITH_COMMANDS = [page for page in PAGES if "```console" in page.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_and_their_options_exist(page: Path) -> None:
    lines = [(block.place, line) for block in blocks(page) for line in pcs_os_lines(block)]
    assert [(place, line, why) for place, line in lines if (why := refused(line))] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_named_in_the_text_exist(page: Path) -> None:
    named = set(re.findall(r"`pcs-os ([a-z][a-z-]*)", page.read_text()))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=page_name)
def test_page_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    missing = [
        program
        for text, program in REQUIRED.items()
        if text in page.read_text() and not shutil.which(program, path=SEARCHED)
    ]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    reader = Reader(tmp_path)
    for block in blocks(page):
        if not {"in", "not run"} & set(block.notes):
            reader.follow(block)


def test_refused_unknown_commands_and_options() -> None:
    assert refused("pcs-os plan --no-such-option x") is not None
    assert refused("pcs-os no-such-command") is not None
    assert refused("pcs-os lab no-such-command") is not None
    assert refused("pcs-os plan --cib-file x.xml cluster.cib.yaml") is None
