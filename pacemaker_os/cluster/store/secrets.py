"""Secrets of resources: each node keeps them in files of its own, and the CIB says only that there are.

Pacemaker's executor puts a file's content in the place of the value `lrm://`, if the file beside it holds
its MD5 sum (cibsecret(8), lib/common/cib_secrets.c). The files are written here, over standard input,
because `cibsecret set` takes the value on its command line.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.peers import peers
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

FOLDER = "/var/lib/pacemaker/lrm/secrets"

#: The longest value that Pacemaker reads, in bytes.
LONGEST = 255

#: Where values come from: an environment variable each, or a folder with a file each.
VARIABLE = "PCS_OS_SECRET_"
FOLDER_VARIABLE = "PCS_OS_SECRETS"


@dataclass(frozen=True, slots=True)
class SecretParameter:
    """A parameter of a resource that is the secret `name`."""

    resource: str
    parameter: str
    name: str

    @property
    def path(self) -> str:
        """The file that holds it on every node."""
        return f"{FOLDER}/{self.resource}/{self.parameter}"


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
        folder = self.environment.get(FOLDER_VARIABLE)
        if folder and (path := Path(folder) / name).is_file():
            return Secret(path.read_text(encoding="utf-8").rstrip("\n"))
        return None


def planned_secrets(
    cluster: Cluster, uses: Sequence[SecretParameter], values: SecretValues
) -> list[PlannedSecret]:
    """Each use with the nodes that have no file for it, or one that differs from the value that is given.

    A CIB on disk has no nodes that could be asked. Values are compared by the sums that the nodes keep.
    """
    held = {} if not cluster.live else dict(_held(cluster, uses))
    found = []
    for use in uses:
        value = values.find(use.name)
        wanted = None if value is None else _sum(value)
        nodes = tuple(
            node for node, sums in held.items() if sums[use] is None or wanted not in (None, sums[use])
        )
        found.append(PlannedSecret(use.resource, use.parameter, use.name, nodes))
    return found


def without_value(secrets: Iterable[PlannedSecret], values: SecretValues) -> Iterator[str]:
    """Yield a sentence for each secret that is to be brought and that nobody has given a value for."""
    names = dict.fromkeys(each.secret for each in secrets if each.nodes)
    for name in names:
        if values.find(name) is None:
            yield f"the secret '{name}' has no value yet: give it in the environment as {_variable(name)}"


def distribute(cluster: Cluster, secrets: Sequence[PlannedSecret], values: SecretValues) -> list[str]:
    """Bring secrets to all nodes, before the configuration that needs them; return what was not reached.

    A node that has a secret already keeps it when no value is given. Raises ClusterError when a value is
    missing, too long, or may not be one.
    """
    if not secrets or not cluster.live:
        return []
    found = {
        SecretParameter(each.resource, each.parameter, each.secret): values.find(each.secret)
        for each in secrets
    }
    for each, (use, value) in zip(secrets, found.items(), strict=True):
        _refuse_bad(use, value, each.nodes)
    warnings = []
    for node in peers(cluster):
        if node.transport is None:
            warnings.append(f"secrets could not be brought to {node.node}: {node.why}")
            continue
        for use, value in found.items():
            if value is not None:
                _put(node.transport, use, value)
    return warnings


def _held(
    cluster: Cluster, uses: Sequence[SecretParameter]
) -> Iterator[tuple[str, dict[SecretParameter, str | None]]]:
    """Of every node that can be reached the sums of what it holds."""
    nodes = [(peer.node, peer.transport) for peer in peers(cluster) if peer.transport is not None]

    def ask(transport: Transport) -> dict[SecretParameter, str | None]:
        return {use: _sum_on(transport, use) for use in uses}

    yield from zip((name for name, _ in nodes), run_parallel(ask, (way for _, way in nodes)), strict=True)


def _variable(name: str) -> str:
    return VARIABLE + name.upper().replace("-", "_").replace(".", "_")


def _refuse_bad(use: SecretParameter, value: Secret | None, nodes: Sequence[str]) -> None:
    what = f"the secret '{use.name}' (parameter {use.parameter} of {use.resource})"
    if value is None:
        if nodes:
            where = f"{what} is to be written on {', '.join(nodes)}"
            message = f"{where}: give its value in the environment as {_variable(use.name)}"
            raise ClusterError(f"{message}; nothing was written", code="no-secret")
        return
    data = value.reveal().encode()
    if not data or len(data) > LONGEST or data != data.strip() or b"\n" in data:
        message = f"{what} cannot be kept by Pacemaker: it takes one line of 1 to {LONGEST} bytes"
        raise ClusterError(f"{message}, without spaces around it; nothing was written", code="bad-secret")


def _sum(value: Secret) -> str:
    return hashlib.md5(value.reveal().encode(), usedforsecurity=False).hexdigest()


def _put(transport: Transport, use: SecretParameter, value: Secret) -> None:
    digest = _sum(value)
    if _sum_on(transport, use) == digest:
        return
    transport.run(["mkdir", "-p", "-m", "0700", FOLDER, f"{FOLDER}/{use.resource}"])
    transport.put(value, use.path, mode=0o600)
    # The sum of a short secret could be guessed back into it: it is kept as closely.
    transport.put(Secret(digest), f"{use.path}.sign", mode=0o600)


def _sum_on(transport: Transport, use: SecretParameter) -> str | None:
    try:
        return transport.get(f"{use.path}.sign").decode("ascii", "replace").strip()
    except TransportError:
        return None
