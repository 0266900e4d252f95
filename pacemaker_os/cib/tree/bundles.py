"""Bundles: the containers that Pacemaker runs a resource in, each of which is a node."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.values import integer

_CONTAINERS = ("docker", "podman", "rkt")

#: Further replicas are ignored.
_MOST_REPLICAS = 1000

#: The current and the former name of the maximum number of promoted instances.
_PROMOTED = ("promoted-max", "masters")


def promoted_replicas(bundle: etree._Element) -> int:
    """Return the maximum number of promoted instances of a `<bundle>`; 0 if it is not promotable."""
    return max((_number(each, *_PROMOTED) for each in bundle.iterchildren(*_CONTAINERS)), default=0)


def bundle_nodes(bundle: etree._Element) -> list[str]:
    """Return the names of the nodes in the containers of a `<bundle>` with a resource.

    Source: Pacemaker Explained, "Bundles".
    """
    if bundle.find("primitive") is None:
        return []
    counts = (_number(each, "replicas") for each in bundle.iterchildren(*_CONTAINERS))
    count = next(counts, 0) or promoted_replicas(bundle) or 1
    return [f"{bundle.get('id')}-{number}" for number in range(min(count, _MOST_REPLICAS))]


def _number(container: etree._Element, *names: str) -> int:
    found = (integer(value) for name in names if (value := container.get(name)) is not None)
    return next((number for number in found if number is not None and number > 0), 0)
