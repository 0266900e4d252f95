"""The state of a node in the status of a CIB."""

from __future__ import annotations

from lxml import etree

#: `crmd` of a node without a running controller. Since Pacemaker 2.1.7, the value of a node
#: with one is the time at which it came online, instead of `online`.
_OFFLINE = frozenset({None, "", "offline", "0"})


def has_controller(state: etree._Element) -> bool:
    """Return whether the controller of this `<node_state>` is online. Remote nodes have none."""
    return state.get("crmd") not in _OFFLINE
