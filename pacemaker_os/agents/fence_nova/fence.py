"""The actions of fence_nova. Pacemaker's fencer passes NAME=VALUE lines on standard input."""

from __future__ import annotations

import sys

from pacemaker_os.agents.fence_nova import metadata
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.requests import Requests

#: Exit statuses: success, or `status` of a node that is on; failure; `status` of a node that is off.
OK, FAILED, OFF = 0, 1, 2

DEFAULTS = {name: default or "" for name, _, default, _, _ in metadata.PARAMETERS}

#: Other parameter names that the fencer uses, and former names.
ALIASES = {
    **metadata.RENAMED,
    "port": "plug",
    "nodename": "plug",
    "option": "action",
    "login": "",
    "passwd": "",
}


def parameters(arguments: Sequence[str], lines: Iterable[str]) -> dict[str, str]:
    """Return the parameters: `--name=value` or `-o ACTION`, or standard input if there are no arguments.

    Unknown parameters are ignored, as the fence agent API requires.
    """
    if arguments[:1] == ["-o"]:
        arguments = [f"action={action}" for action in arguments[1:2]]
    options = (
        [each.removeprefix("--") for each in arguments] if arguments else [each.strip() for each in lines]
    )
    found: dict[str, str] = {}
    given: dict[str, str] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if equals and not name.startswith("#"):
            given[name.strip().replace("-", "_")] = value.strip()
    for name, value in given.items():
        known = ALIASES.get(name, name)
        # The fencer always passes `nodename`; a plug from the device's host map is more specific.
        if known in DEFAULTS and (name == known or known not in given):
            found[known] = value
    return DEFAULTS | found


def check_node(values: Mapping[str, str]) -> str:
    """Return the name of the node. Raises Failure if it is invalid."""
    node = values["plug"]
    if not node or not node.isprintable() or any(letter in node for letter in " '\"<>&/"):
        raise Failure(f"parameter 'plug': '{node[:60]}' is not a valid node name")
    return node


def check_level(node: str, requests: Requests) -> None:
    """Check that another device fences the node before this agent. Raises Failure.

    Alone, this agent would report a node as fenced that is still running.
    """
    import re

    own = requests.devices("fence_nova")
    for level in requests.levels():
        pattern = level.get("target-pattern")
        meant = (
            level.get("target") == node
            or "target-attribute" in level
            or (pattern is not None and re.search(pattern, node))
        )
        if meant and level.get("devices", "").partition(",")[0] not in own:
            return
    raise Failure(
        f"cannot fence {node}: no fencing level has another device before fence_nova for this node, "
        "so it would stay powered on; add a power fencing device before fence_nova"
    )


def off(values: Mapping[str, str], requests: Requests) -> int:
    """Record that the node is off, and force its compute service down if Nova responds in time."""
    node = check_node(values)
    check_level(node, requests)
    name = requests.record(node)
    mark_down_in_nova(values, node, name)
    return OK


def mark_down_in_nova(values: Mapping[str, str], node: str, request: str) -> None:
    """Force the compute service down. If this fails, nova-evacuate does it later."""
    from pacemaker_os.agents.nova_evacuate.nova import credentials, forced_down
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.session import Session
    from pacemaker_os.agents.nova_evacuate.settings import Settings

    seconds = int(values["nova_timeout"]) if values["nova_timeout"].isdigit() else 0
    if not seconds:
        return
    deadline = Deadline(seconds)
    try:
        session = Session(credentials.read(values["credentials_file"]), deadline=deadline.within)
        names = Settings(domain=values["domain"]).names(node)
        forced_down.mark_down(Nova(session), names, request)
    except Failure as failure:
        print(f"compute service not forced down in Nova yet: {failure.reason}", file=sys.stderr)


def on(values: Mapping[str, str], requests: Requests) -> int:
    """Do nothing: the node may be powered on. nova-compute starts only when its evacuation is complete."""
    check_node(values)
    return OK


def status(values: Mapping[str, str], requests: Requests) -> int:
    """Return whether the node counts as fenced."""
    return OFF if requests.of(check_node(values)) else OK


def list_nodes(values: Mapping[str, str], requests: Requests) -> int:
    """Print the nodes that can be fenced: the remote nodes, never a cluster node."""
    for node in requests.remote_nodes():
        print(f"{node},")
    return OK


def monitor(values: Mapping[str, str], requests: Requests) -> int:
    """Check that the agent could fence: Pacemaker responds. Nova is not needed for that."""
    requests.levels()
    return OK


def validate(values: Mapping[str, str], requests: Requests) -> int:
    """Check that the credentials can be read."""
    from pacemaker_os.agents.nova_evacuate.nova import credentials

    credentials.read(values["credentials_file"])
    return OK


def describe(values: Mapping[str, str], requests: Requests) -> int:
    """Print the metadata."""
    print(metadata.xml(), end="")
    return OK


ACTIONS: dict[str, Callable[[Mapping[str, str], Requests], int]] = {
    "on": on,
    "off": off,
    "status": status,
    "list": list_nodes,
    "monitor": monitor,
    "metadata": describe,
    "validate-all": validate,
}


def run(values: Mapping[str, str], requests: Requests) -> int:
    """Run one action, and return its exit status."""
    run_action = ACTIONS.get(values["action"])
    if run_action is None:
        action = values["action"][:60]
        print(f"unknown action '{action}'; valid actions: {', '.join(ACTIONS)}", file=sys.stderr)
        return FAILED
    try:
        return run_action(values, requests)
    except Failure as failure:
        print(failure.reason, file=sys.stderr)
        return FAILED


def main() -> None:
    """Run fence_nova."""
    from pacemaker_os.agents.nova_evacuate.requests import Requests, run_program

    sys.exit(run(parameters(sys.argv[1:], sys.stdin if len(sys.argv) < 2 else ()), Requests(run_program)))
