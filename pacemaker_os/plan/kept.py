"""What Pacemaker writes into the configuration by itself, and what operators put there for a while.

None of it is drift: a document that is silent about it leaves it as it is, and export leaves it out.
"""

from __future__ import annotations

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import NvSet

#: Properties that the cluster keeps for itself (Pacemaker Explained, "Cluster-Wide Configuration").
CLUSTER_PROPERTIES = frozenset(
    {
        "dc-version",
        "cluster-infrastructure",
        "cluster-name",
        "have-watchdog",
        "last-lrm-refresh",
        "default-resource-stickiness-refresh",
    }
)

#: Properties by which an operator holds the whole cluster still for a while.
OPERATOR_PROPERTIES = frozenset({"maintenance-mode", "stop-all-resources"})

#: Attributes by which an operator takes a node out for a while.
OPERATOR_NODE_ATTRIBUTES = frozenset({"standby", "maintenance"})

#: Meta attributes by which an operator stops or releases one resource for a while.
OPERATOR_META = frozenset({"target-role", "is-managed", "maintenance"})

#: How `crm_resource` and `pcs` begin the ids of the constraints that move and ban leave behind.
OPERATOR_CONSTRAINTS = ("cli-ban-", "cli-prefer-", "cli-standby-")

#: The property set that remembers which document owns what.
OWNER_SET = "pcs-os-owner"


def operator_meta(element: Element) -> dict[str, str]:
    """What an operator keeps in a resource's meta attributes, by name."""
    return {
        pair.name: pair.value
        for nvset in plain_sets(element)
        for pair in nvset.nvpairs
        if pair.name in OPERATOR_META and pair.value is not None
    }


def plain_sets(element: Element) -> tuple[NvSet, ...]:
    """The sets of meta attributes that always hold."""
    sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
    return tuple(nvset for nvset in sets if nvset.rule is None and nvset.id_ref is None)
