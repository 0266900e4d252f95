"""Findings about probes that keep services off nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.health.kept_off import KeptOff
from pacemaker_os.status.values import State
from pacemaker_os.text import abbreviate

#: Number of services above which one finding covers all of them on a node.
_SINGLE = 2


def kept_off(state: State) -> Iterator[Finding]:
    """Report running services that the result of a probe keeps off an online node."""
    online = {node.name for node in state.nodes if node.online}
    services = {name: each for each in state.services for name in (each.id, *each.parts)}
    groups: dict[tuple[str, str], list[KeptOff]] = defaultdict(list)
    for each in state.health.kept_off:
        service = services.get(each.resource)
        if service is not None and service.runs and each.node in online and each.node not in service.nodes:
            groups[each.node, each.text].append(each)
    for (node, text), found in groups.items():
        names = [each.resource for each in found]
        reasons = dict.fromkeys(each.reason for each in found if each.reason)
        one = len(found) == 1
        text = text if one else text.replace("its", "their", 1)
        yield Finding(
            code="service-kept-off",
            severity="warning",
            subject=names[0] if one else node,
            text=f"{abbreviate(names)} cannot run on {node}: {text}",
            reason=abbreviate(list(reasons), _SINGLE, separator="; "),
            advice="after you fix that, run:",
            command=(
                *("crm_resource", "--refresh", "--node", node),
                *(("--resource", names[0]) if one else ()),
            ),
        )
