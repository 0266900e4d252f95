"""The actions of fence_nova, as Pacemaker's fencer asks for them: NAME=VALUE lines on standard input."""

from __future__ import annotations

import sys

from pacemaker_os.agents.fence_nova import metadata
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.requests import Requests

#: What an action ends with: done or on; failed; off, as `status` says it.
OK, FAILED, OFF = 0, 1, 2

DEFAULTS = {name: default or "" for name, _, default, _, _ in metadata.PARAMETERS}

#: Other names that the fencer and older agents use.
ALIASES = {
    **metadata.RENAMED,
    "port": "plug",
    "nodename": "plug",
    "option": "action",
    "login": "",
    "passwd": "",
}


def parameters(arguments: Sequence[str], lines: Iterable[str]) -> dict[str, str]:
    """What is asked: from `--name=value` or `-o ACTION`, or without arguments from standard input.

    What is unknown is passed over, as the fence agents' API asks.
    """
    if arguments[:1] == ["-o"]:
        arguments = [f"action={word}" for word in arguments[1:2]]
    words = [word.removeprefix("--") for word in arguments] if arguments else [line.strip() for line in lines]
    found: dict[str, str] = {}
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and not name.startswith("#"):
            given[name.strip().replace("-", "_")] = value.strip()
    for name, value in given.items():
        known = ALIASES.get(name, name)
        # `nodename` is always sent; a plug that the device's map names is more exact.
        if known in DEFAULTS and (name == known or known not in given):
            found[known] = value
    return DEFAULTS | found


def check_node(said: Mapping[str, str]) -> str:
    """The node that is meant. Raises Failure."""
    node = said["plug"]
    if not node or not node.isprintable() or any(letter in node for letter in " '\"<>&/"):
        raise Failure(f"parameter 'plug': '{node[:60]}' is no node's name")
    return node


def check_level(node: str, requests: Requests) -> None:
    """Refuse a node whose power nothing cuts. Raises Failure.

    Alone, this agent would report a node as fenced that runs on.
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
        f"no level of the fencing topology has another device before this one for {node}: "
        "its power would stay on"
    )


def off(said: Mapping[str, str], requests: Requests) -> int:
    """Write down that the node is off; tell Nova, if it answers soon."""
    node = check_node(said)
    check_level(node, requests)
    name = requests.record(node)
    mark_down_in_nova(said, node, name)
    return OK


def mark_down_in_nova(said: Mapping[str, str], node: str, request: str) -> None:
    """Force the service down. What fails here is done by nova-evacuate."""
    from pacemaker_os.agents.nova_evacuate.nova import credentials, forced_down
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.session import Session
    from pacemaker_os.agents.nova_evacuate.settings import Settings

    seconds = int(said["nova_timeout"]) if said["nova_timeout"].isdigit() else 0
    if not seconds:
        return
    deadline = Deadline(seconds)
    try:
        session = Session(credentials.read(said["credentials_file"]), deadline=deadline.within)
        names = Settings(domain=said["domain"]).names(node)
        forced_down.mark_down(Nova(session), names, request)
    except Failure as failure:
        print(f"Nova is not told yet: {failure.reason}", file=sys.stderr)


def on(said: Mapping[str, str], requests: Requests) -> int:
    """Nothing: the node may have its power; nova-compute is started when its instances are accounted for."""
    check_node(said)
    return OK


def status(said: Mapping[str, str], requests: Requests) -> int:
    """Whether the node counts as fenced."""
    return OFF if requests.of(check_node(said)) else OK


def list_nodes(said: Mapping[str, str], requests: Requests) -> int:
    """The nodes that can be fenced: remote ones, never a controller."""
    for node in requests.remote_nodes():
        print(f"{node},")
    return OK


def monitor(said: Mapping[str, str], requests: Requests) -> int:
    """Whether this agent could do its work: the cluster answers. Nova need not."""
    requests.levels()
    return OK


def validate(said: Mapping[str, str], requests: Requests) -> int:
    """Whether the credentials can be read."""
    from pacemaker_os.agents.nova_evacuate.nova import credentials

    credentials.read(said["credentials_file"])
    return OK


def describe(said: Mapping[str, str], requests: Requests) -> int:
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


def run(said: Mapping[str, str], requests: Requests) -> int:
    """Do one action; its exit status."""
    act = ACTIONS.get(said["action"])
    if act is None:
        print(f"there is no action '{said['action'][:60]}'; there are {', '.join(ACTIONS)}", file=sys.stderr)
        return FAILED
    try:
        return act(said, requests)
    except Failure as failure:
        print(failure.reason, file=sys.stderr)
        return FAILED


def main() -> None:
    """Be the program fence_nova."""
    from pacemaker_os.agents.nova_evacuate.requests import Requests, ask

    sys.exit(run(parameters(sys.argv[1:], sys.stdin if len(sys.argv) < 2 else ()), Requests(ask)))
