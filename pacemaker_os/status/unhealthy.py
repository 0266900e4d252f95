"""The health attributes of nodes that keep resources away (Pacemaker Explained, "Tracking Node Health")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lxml import etree

from pacemaker_os.plan.prediction.obstacles.nodes import unhealthy
from pacemaker_os.plan.prediction.obstacles.subject import Surroundings
from pacemaker_os.status.values import HealthAttribute


def read_unhealthy(cib: etree._Element) -> Mapping[str, Sequence[HealthAttribute]]:
    """Return the health attributes that have an effect, by node."""
    found: dict[str, list[HealthAttribute]] = defaultdict(list)
    for node, name, value, lasting in unhealthy(Surroundings(cib)):
        found[node].append(HealthAttribute(name, value, lasting))
    return found
