"""The state of a node in the status of a CIB."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.cib.tree.node_state import has_controller


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"crmd": "online"}, True),
        ({"crmd": "1796061159"}, True),
        ({"crmd": "offline"}, False),
        ({"crmd": "0"}, False),
        ({"remote_node": "true"}, False),
    ],
)
def test_controller_is_online_in_words_and_times(attributes: dict[str, str], expected: bool) -> None:
    assert has_controller(etree.Element("node_state", attributes)) is expected
