"""The number of nodes and instances that are evacuated at the same time. Pure."""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.decide.states import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.decide.states import Verdict


def too_many(fenced: Iterable[str], all_hosts: int, percent: int) -> str:
    """Return why nothing is evacuated: the failure of so many hosts indicates a network failure.

    One or two failed hosts are always evacuated, even in a small cloud.
    """
    count = len(set(fenced))
    if count <= max(2, all_hosts * percent // 100):
        return ""
    return (
        f"evacuation suspended: {count} of {all_hosts} compute nodes are down, above the threshold of "
        f"{percent} %. Check the network; if the nodes have really failed, run: "
        "pcs resource update nova-evacuate threshold=100"
    )


def next_to_evacuate(
    verdicts: Mapping[str, Verdict], priorities: Mapping[str, int], *, max_concurrent: int, busy: int
) -> list[str]:
    """Return the instances to evacuate next, by priority.

    `busy` evacuations are in progress, and at most `max_concurrent` may be.
    """
    free = max(0, max_concurrent - busy)
    pending = [uuid for uuid, verdict in verdicts.items() if verdict.state is State.PENDING]
    return sorted(pending, key=lambda uuid: (-priorities.get(uuid, 0), uuid))[:free]
