"""The commands in the documentation, in both languages, run in a lab and print the documented output."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lab_handle import LabHandle
from shown_commands import PAGES, ROOT, Block, Reader, blocks

pytestmark = pytest.mark.cluster

NAME = "tutorial"

#: Pages with commands for a lab. The tutorials come first: they start with `./quickstart`, on a new lab.
FOLLOWED = sorted(
    (page for page in PAGES if any(block.notes.get("in") == "lab" for block in blocks(page))),
    key=lambda page: "tutorial" not in page.parts,
)

#: Names in the pages that differ in the lab of this test.
QUICKSTART = "./quickstart"
PAGES_NETWORK = "172.31.250."


class LabReader(Reader):
    """A reader whose lab has a different name and network than in the pages."""

    def __init__(self, directory: Path, lab: LabHandle) -> None:
        super().__init__(directory)
        self.lab = lab
        self.network = lab.states()[0]["address"].rpartition(".")[0] + "."

    def own(self, block: Block) -> Block:
        """Return the block with the names of this lab."""
        text = re.sub(r"\blab-(controller\d+)", rf"{self.lab.name}-\1", block.text)
        text = re.sub(
            r"^(\$ pcs-os lab (?:fault [a-z-]+|up|down|status))",
            rf"\1 --name {self.lab.name}",
            text,
            flags=re.M,
        )
        replacement = (
            f"pcs-os apply --container {self.lab.name}-controller01 --yes "
            f"--var vip={self.network}100 cib/quickstart.cib.yaml && "
            f"pcs-os status --container {self.lab.name}-controller01"
        )
        return replace(block, text=text.replace(PAGES_NETWORK, self.network).replace(QUICKSTART, replacement))


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_commands_print_documented_output_in_lab(
    page: Path, tmp_path: Path, own_lab: Callable[..., LabHandle]
) -> None:
    lab = own_lab(NAME)
    reader = LabReader(tmp_path, lab)
    for block in blocks(page):
        if block.notes.get("in") == "lab":
            reader.follow(reader.own(block))
    lab.wait_online()
