"""Connections to the nodes of a topology, with checks before anything is changed."""

from __future__ import annotations

from ipaddress import ip_address

from pacemaker_os.cluster.setup.topology import TopologyNode
from pacemaker_os.errors import InputError, Problem, TransportError
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.openstack.required_files import required_files
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport

#: Timeout for the first command on a node, in seconds.
_TIMEOUT = 30.0


def connect_nodes(deployment: Deployment) -> dict[str, Transport]:
    """Connect to each node. Raises InputError for unreachable nodes, wrong addresses and missing files."""
    transports = {node.name: node.open() for node in deployment.nodes}
    problems = run_parallel(lambda node: _check(deployment, node, transports[node.name]), deployment.nodes)
    if found := [problem for problem in problems if problem]:
        raise InputError(found)
    return transports


def _check(deployment: Deployment, node: TopologyNode, transport: Transport) -> Problem | None:
    """Return the first problem of a node."""
    try:
        addresses = transport.run(["hostname", "-I"], timeout=_TIMEOUT).text.split()
    except TransportError as error:
        return _problem(deployment, node, f"cannot connect to node '{node.name}': {error}", error.code)
    foreign = [each for each in node.addresses if _is_address(each) and each not in addresses]
    if foreign:
        message = f"node '{node.name}' does not have the address {foreign[0]}; it has {', '.join(addresses)}"
        return _problem(deployment, node, message, "foreign-address")
    return _check_files(deployment, node, transport)


def _check_files(deployment: Deployment, node: TopologyNode, transport: Transport) -> Problem | None:
    """Return a problem if files that the operator must provide are missing on a node."""
    meanings = dict(required_files(deployment.cloud, deployment.cloud.host(node.name)))
    if not meanings:
        return None
    existing = transport.run(["stat", "--format=%n", "--", *meanings], ok=(0, 1), timeout=_TIMEOUT)
    missing = [f"{path}: {meanings[path]}" for path in meanings if path not in existing.text.splitlines()]
    if not missing:
        return None
    message = (
        f"node '{node.name}' is missing files that you must provide; copy them there first: "
        f"{'; '.join(missing)}"
    )
    return _problem(deployment, node, message, "no-file")


def _problem(deployment: Deployment, node: TopologyNode, message: str, code: str) -> Problem:
    origin = deployment.origins[node.name]
    return Problem(origin.file, origin.line, origin.column, message, code)


def _is_address(text: str) -> bool:
    """Return whether a text is an IP address and not a host name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
