"""Plans that drop documents from the ownership record. The objects in the cluster stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared, Start, build
from pacemaker_os.errors import ClusterError, InputError, Problem
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.diff.item import items
from pacemaker_os.plan.diff.ownership import owned, recorded, update_ownership
from pacemaker_os.text import abbreviate, did_you_mean, quantity


def prepare_forget(cluster: Cluster, names: Sequence[str], *, release: bool) -> Prepared:
    """Plan to drop documents from the ownership record.

    Args:
        release: Also drop documents with objects in the cluster. These stay, without an owner.

    Raises:
        InputError: No document has one of the names, or it owns objects and `release` is not given.
        ClusterError: The cluster cannot be read, or the CIB file does not exist.
    """
    base = cluster.query()
    if not base.exists:
        raise ClusterError(f"{cluster.name}: file not found", code="no-such-file")
    live = Cib.from_element(content.configuration(base.cib))
    documents = owned(live)
    problems = [*_unknown(names, documents)]
    if not release:
        problems += _owning(names, live, documents)
    if problems:
        raise InputError(problems)
    changes = update_ownership(live, recorded(live), dict.fromkeys(names, ()))
    return build(cluster, Start.of(base), Comparison(changes=tuple(changes)), ", ".join(names))


def _unknown(names: Sequence[str], documents: Mapping[str, object]) -> Iterator[Problem]:
    for name in names:
        if name not in documents:
            known = abbreviate(sorted(documents), len(documents)) or "none"
            remedy = did_you_mean(name, sorted(documents)) or f"; documents that own objects: {known}"
            yield Problem("pcs-os", 0, 0, f"unknown document '{name}'{remedy}", "unknown-document")


def _owning(names: Sequence[str], live: Cib, documents: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    live_items = items(live)
    for name in names:
        found = [live_items[key] for key in sorted(documents.get(name, ())) if key in live_items]
        if found:
            objects = abbreviate([f"{item.kind} {item.name}" for item in found])
            message = (
                f"cannot forget document '{name}': it owns {quantity(len(found), 'object')} in the cluster "
                f"({objects}); to remove them, apply the document without them; to keep them without an "
                "owner, use --release"
            )
            yield Problem("pcs-os", 0, 0, message, "owns-objects")
