"""How many nodes and instances are evacuated at the same time. Pure."""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.decide.states import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.decide.states import Verdict


def too_many(fenced: Iterable[str], all_hosts: int, percent: int) -> str:
    """Why nothing is evacuated now: so many hosts at once means that the network is broken, not they.

    One or two are never too many, however few there are.
    """
    count = len(set(fenced))
    if count <= max(2, all_hosts * percent // 100):
        return ""
    return (
        f"{count} of {all_hosts} compute nodes are down at once, more than {percent} %: "
        "nothing is evacuated. If they are really lost, raise the parameter 'threshold'"
    )


def next_to_ask(
    verdicts: Mapping[str, Verdict], priorities: Mapping[str, int], *, at_once: int, busy: int
) -> list[str]:
    """The instances to ask for now: the most important first, no more than `at_once` under way."""
    free = max(0, at_once - busy)
    asked_for = [uuid for uuid, verdict in verdicts.items() if verdict.state is State.PENDING]
    return sorted(asked_for, key=lambda uuid: (-priorities.get(uuid, 0), uuid))[:free]
