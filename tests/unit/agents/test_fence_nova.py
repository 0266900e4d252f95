"""The parameters of fence_nova."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.agents.fence_nova.fence import parameters
from pacemaker_os.agents.fence_nova.metadata import RENAMED, xml


@pytest.mark.parametrize(("former", "name"), list(RENAMED.items()))
def test_renamed_parameter_is_read_from_its_former_name(former: str, name: str) -> None:
    """If both names are set, the new one wins."""
    assert parameters([], [f"{former}=7"])[name] == "7"
    assert parameters([], [f"{former}=8", f"{name}=7"])[name] == "7"
    listed = etree.fromstring(xml().encode()).find(f"parameters/parameter[@name='{former}']")
    assert listed is not None and listed.get("deprecated") == "1"
