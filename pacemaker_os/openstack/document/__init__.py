"""The cluster's document for a cloud: what Pacemaker runs where, in which order.

placed      what of the catalogue this cluster has
resources   each resource
waits       what waits for what, and how a node is emptied
place       on which nodes resources run, and which of them together
text        how it is written
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.openstack.check import refuse
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.document.place import colocation, location
from pacemaker_os.openstack.document.placed import ROLE, Placed, role_word, said
from pacemaker_os.openstack.document.resources import all_resources, level
from pacemaker_os.openstack.document.text import Lines, written
from pacemaker_os.openstack.document.waits import drain, foremost, order
from pacemaker_os.openstack.render import filler
from pacemaker_os.openstack.service import Service


def cluster_document(cloud: Cloud, services: tuple[Service, ...]) -> str:
    """The text of the cluster's document for these services. Raises CatalogueError."""
    refuse(cloud)
    fill = filler(cloud, {})
    placed = Placed(fill, services)
    document: dict[str, Any] = {
        "name": cloud.name,
        "properties": properties(placed),
        "nodes": nodes(cloud, placed.remotes),
        "defaults": {"resources": {"resource-stickiness": 100, "failure-timeout": "10min"}},
        "resources": all_resources(placed),
        "order": Lines([*order(placed), *foremost(placed), *drain(placed), *said(placed, "order")]),
        "colocation": Lines([*colocation(placed), *said(placed, "colocation")]),
        "location": Lines([*location(placed), *said(placed, "location")]),
        "fencing": {host.name: level(placed, host) for host in placed.fenced},
    }
    return written(cloud.name, {key: value for key, value in document.items() if value})


def properties(placed: Placed) -> dict[str, Any]:
    """The cluster's properties."""
    limit = placed.fill.setting("actions_per_node")
    return {
        # Pacemaker starts nothing where it shall fence and has no device.
        "stonith-enabled": bool(placed.fenced),
        "no-quorum-policy": "stop",
        "cluster-recheck-interval": "5min",
        # When thirty services start at once the load is high, and on three nodes Pacemaker would then do one
        # thing at a time in the whole cluster: brokers that need each other to start would wait in vain.
        # node-action-limit stays what keeps a node from doing too much at once.
        "load-threshold": "10000%",
        **({"node-action-limit": limit} if limit else {}),
        "pe-warn-series-max": 1000,
        "pe-input-series-max": 1000,
        "pe-error-series-max": 1000,
    }


def nodes(cloud: Cloud, remotes: tuple[Host, ...]) -> dict[str, Any]:
    """The nodes and what they are for."""
    found: dict[str, Any] = {host.name: {ROLE: role_word(host)} for host in cloud.members}
    return found | {host.name: {"attributes": {ROLE: role_word(host)}, "type": "remote"} for host in remotes}
