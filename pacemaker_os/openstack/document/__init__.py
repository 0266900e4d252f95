"""The cluster document of a cloud: its resources, constraints and fencing levels.

layout      the units, mounts, addresses and hosts of the cluster
resources   the resources
ordering    order constraints: startup, and draining of a node
placement   location and colocation constraints
writer      the YAML format
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.openstack.check import refuse
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.document.layout import ROLE, ClusterLayout, explicit_constraints, role_value
from pacemaker_os.openstack.document.ordering import drain, order, start_priorities
from pacemaker_os.openstack.document.placement import colocation, location
from pacemaker_os.openstack.document.resources import all_resources, fencing_level
from pacemaker_os.openstack.document.writer import Lines, document_text
from pacemaker_os.openstack.render import template_renderer
from pacemaker_os.openstack.service import Service


def cluster_document(cloud: Cloud, services: tuple[Service, ...]) -> str:
    """Return the text of the cluster document for these services. Raises CloudError."""
    refuse(cloud)
    layout = ClusterLayout(template_renderer(cloud, {}), services)
    document: dict[str, Any] = {
        "name": cloud.name,
        "properties": properties(layout),
        "nodes": nodes(cloud, layout.remotes),
        "defaults": {"resources": {"resource-stickiness": 100, "failure-timeout": "10min"}},
        "resources": all_resources(layout),
        "order": Lines(
            [
                *order(layout),
                *start_priorities(layout),
                *drain(layout),
                *explicit_constraints(layout, "order"),
            ]
        ),
        "colocation": Lines([*colocation(layout), *explicit_constraints(layout, "colocation")]),
        "location": Lines([*location(layout), *explicit_constraints(layout, "location")]),
        "fencing": {host.name: fencing_level(layout, host) for host in layout.fenced},
    }
    return document_text(cloud.name, {key: value for key, value in document.items() if value})


def properties(layout: ClusterLayout) -> dict[str, Any]:
    """Return the cluster properties."""
    limit = layout.renderer.setting("node_action_limit")
    return {
        # With fencing enabled and no fencing device, Pacemaker would start no resources.
        "stonith-enabled": bool(layout.fenced),
        "no-quorum-policy": "stop",
        "cluster-recheck-interval": "5min",
        # The load is high when thirty services start at the same time. On three nodes, Pacemaker would then
        # run one action at a time in the whole cluster, and brokers that need each other to start would time
        # out. node-action-limit still limits the parallel actions on each node.
        "load-threshold": "10000%",
        **({"node-action-limit": limit} if limit else {}),
        "pe-warn-series-max": 1000,
        "pe-input-series-max": 1000,
        "pe-error-series-max": 1000,
    }


def nodes(cloud: Cloud, remotes: tuple[Host, ...]) -> dict[str, Any]:
    """Return the cluster nodes and remote nodes with their role attributes."""
    found: dict[str, Any] = {host.name: {ROLE: role_value(host)} for host in cloud.members}
    return found | {host.name: {"attributes": {ROLE: role_value(host)}, "type": "remote"} for host in remotes}
