"""Secrets of resources: every node stores them in its own files, and the CIB only refers to them.

Pacemaker's executor replaces the value `lrm://` with the content of the file, if the file next to it contains
its MD5 sum (cibsecret(8), lib/common/cib_secrets.c). This module writes the files over standard input,
because `cibsecret set` takes the value on its command line.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from pacemaker_os.cluster.store.peers import Peer
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

DIRECTORY = "/var/lib/pacemaker/lrm/secrets"

#: Maximum length of a value that Pacemaker reads, in bytes.
MAX_LENGTH = 255

#: Prefix of the environment variables that contain a value each.
VARIABLE = "PCS_OS_SECRET_"

#: Environment variable that names a directory with one file per value.
DIRECTORY_VARIABLE = "PCS_OS_SECRETS"


@dataclass(frozen=True, slots=True)
class SecretParameter:
    """A resource parameter whose value is the secret `name`."""

    resource: str
    parameter: str
    name: str

    @property
    def path(self) -> str:
        """The file of the value on every node."""
        return f"{DIRECTORY}/{self.resource}/{self.parameter}"


@dataclass(frozen=True, slots=True)
class SecretValues:
    """Values of secrets: those that the caller passes, then the environment, then files."""

    given: Mapping[str, Secret] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def find(self, name: str) -> Secret | None:
        """Return the value of a secret, or None if no source has one."""
        if name in self.given:
            return self.given[name]
        if (variable := _variable(name)) in self.environment:
            return Secret(self.environment[variable])
        directory = self.environment.get(DIRECTORY_VARIABLE)
        if directory and (path := Path(directory) / name).is_file():
            return Secret(path.read_text(encoding="utf-8").rstrip("\n"))
        return None


def planned_secrets(
    nodes: Iterable[Peer], parameters: Sequence[SecretParameter], values: SecretValues
) -> list[PlannedSecret]:
    """Return each parameter with the reachable nodes that have no value, or another one than `values`.

    Values are compared by the MD5 sums that the nodes store.
    """
    stored = dict(_stored_sums(nodes, parameters))
    found = []
    for parameter in parameters:
        value = values.find(parameter.name)
        desired = None if value is None else _sum(value)
        outdated = tuple(
            node
            for node, sums in stored.items()
            if sums[parameter] is None or desired not in (None, sums[parameter])
        )
        found.append(PlannedSecret(parameter.resource, parameter.parameter, parameter.name, outdated))
    return found


def without_value(secrets: Iterable[PlannedSecret], values: SecretValues) -> Iterator[str]:
    """Yield a sentence for each secret that nodes lack and that has no value yet."""
    names = dict.fromkeys(each.secret for each in secrets if each.nodes)
    for name in names:
        if values.find(name) is None:
            yield f"secret '{name}' has no value yet; set the environment variable {_variable(name)}"


def distribute(nodes: Iterable[Peer], secrets: Sequence[PlannedSecret], values: SecretValues) -> list[str]:
    """Write secrets to nodes; return a warning for each node that is unreachable.

    Call this before the push of the configuration that needs them. A node keeps its value when `values` has
    none. Raises ClusterError when a value is missing or invalid.
    """
    found = {
        SecretParameter(each.resource, each.parameter, each.secret): values.find(each.secret)
        for each in secrets
    }
    for each, (parameter, value) in zip(secrets, found.items(), strict=True):
        _check(parameter, value, each.nodes)
    warnings = []
    for node in nodes:
        if node.transport is None:
            warnings.append(f"cannot write secrets to node '{node.node}': {node.why}")
            continue
        for parameter, value in found.items():
            if value is not None:
                _put(node.transport, parameter, value)
    return warnings


def _stored_sums(
    nodes: Iterable[Peer], parameters: Sequence[SecretParameter]
) -> Iterator[tuple[str, dict[SecretParameter, str | None]]]:
    """Yield the name of each reachable node with the sums of its values."""
    reachable = [(peer.node, peer.transport) for peer in nodes if peer.transport is not None]

    def read(transport: Transport) -> dict[SecretParameter, str | None]:
        return {parameter: _stored_sum(transport, parameter) for parameter in parameters}

    sums = run_parallel(read, (transport for _, transport in reachable))
    yield from zip((name for name, _ in reachable), sums, strict=True)


def _variable(name: str) -> str:
    return VARIABLE + name.upper().replace("-", "_").replace(".", "_")


def _check(parameter: SecretParameter, value: Secret | None, nodes: Sequence[str]) -> None:
    secret = f"secret '{parameter.name}' (parameter {parameter.parameter} of {parameter.resource})"
    if value is None:
        if nodes:
            reason = f"it has no value; set the environment variable {_variable(parameter.name)}"
            message = f"cannot write {secret} to {', '.join(nodes)}: {reason}. Nothing was written"
            raise ClusterError(message, code="no-secret")
        return
    data = value.reveal().encode()
    if not data or len(data) > MAX_LENGTH or data != data.strip() or b"\n" in data:
        reason = f"Pacemaker requires one line of 1 to {MAX_LENGTH} bytes without leading or trailing spaces"
        raise ClusterError(f"invalid value of {secret}: {reason}. Nothing was written", code="bad-secret")


def _sum(value: Secret) -> str:
    return hashlib.md5(value.reveal().encode(), usedforsecurity=False).hexdigest()


def _put(transport: Transport, parameter: SecretParameter, value: Secret) -> None:
    digest = _sum(value)
    if _stored_sum(transport, parameter) == digest:
        return
    transport.run(["mkdir", "-p", "-m", "0700", DIRECTORY, f"{DIRECTORY}/{parameter.resource}"])
    transport.put(value, parameter.path, mode=0o600)
    # The sum of a short secret reveals the secret by trying all values, so it gets the same protection.
    transport.put(Secret(digest), f"{parameter.path}.sign", mode=0o600)


def _stored_sum(transport: Transport, parameter: SecretParameter) -> str | None:
    try:
        return transport.get(f"{parameter.path}.sign").decode("ascii", "replace").strip()
    except TransportError:
        return None
