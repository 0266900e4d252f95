"""Secrets of resources: each node keeps them in files of its own, and the CIB says only that there are.

Pacemaker's executor puts a file's content in the place of the value `lrm://`, if the file beside it holds
its MD5 sum (cibsecret(8), lib/common/cib_secrets.c). The files are written here, over standard input,
because `cibsecret set` takes the value on its command line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.peers import Peer, peers
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

FOLDER = "/var/lib/pacemaker/lrm/secrets"

#: The longest value that Pacemaker reads, in bytes.
LONGEST = 255

#: Where values come from: an environment variable each, or a folder with a file each.
VARIABLE = "PCS_OS_SECRET_"
FOLDER_VARIABLE = "PCS_OS_SECRETS"


@dataclass(frozen=True, slots=True)
class Use:
    """A parameter of a resource that is the secret `name`."""

    resource: str
    parameter: str
    name: str

    @property
    def path(self) -> str:
        """The file that holds it on every node."""
        return f"{FOLDER}/{self.resource}/{self.parameter}"


def find_value(name: str, environment: Mapping[str, str]) -> Secret | None:
    """The value of a secret, from the environment or a file; None when nobody gave one."""
    variable = VARIABLE + name.upper().replace("-", "_").replace(".", "_")
    if variable in environment:
        return Secret(environment[variable])
    folder = environment.get(FOLDER_VARIABLE)
    if folder and (path := Path(folder) / name).is_file():
        return Secret(path.read_text(encoding="utf-8").rstrip("\n"))
    return None


def bring(cluster: Cluster, uses: Sequence[Use], environment: Mapping[str, str]) -> list[str]:
    """Bring secrets to all nodes, before the configuration that needs them; return what was not reached.

    A node that has a secret already keeps it when no value is given. Raises ClusterError when a value is
    missing, too long, or may not be one.
    """
    if not uses or not cluster.live:
        return []
    values = {use: find_value(use.name, environment) for use in uses}
    nodes = peers(cluster)
    for use, value in values.items():
        _refuse_bad(use, value, nodes)
    warnings = []
    for node in nodes:
        if node.transport is None:
            warnings.append(f"secrets could not be brought to {node.node}: {node.why}")
            continue
        for use, value in values.items():
            if value is not None:
                _put(node.transport, use, value)
    return warnings


def _refuse_bad(use: Use, value: Secret | None, nodes: Sequence[Peer]) -> None:
    what = f"the secret '{use.name}' (parameter {use.parameter} of {use.resource})"
    if value is None:
        without = [node.node for node in nodes if node.transport and _sum_on(node.transport, use) is None]
        if without:
            variable = VARIABLE + use.name.upper().replace("-", "_").replace(".", "_")
            message = (
                f"{what} is not on {', '.join(without)}: give its value in the environment as {variable}"
            )
            raise ClusterError(f"{message}; nothing was written", code="no-secret")
        return
    data = value.reveal().encode()
    if not data or len(data) > LONGEST or data != data.strip() or b"\n" in data:
        message = f"{what} cannot be kept by Pacemaker: it takes one line of 1 to {LONGEST} bytes"
        raise ClusterError(f"{message}, without spaces around it; nothing was written", code="bad-secret")


def _put(transport: Transport, use: Use, value: Secret) -> None:
    digest = hashlib.md5(value.reveal().encode(), usedforsecurity=False).hexdigest()
    if _sum_on(transport, use) == digest:
        return
    transport.run(["mkdir", "-p", "-m", "0700", FOLDER, f"{FOLDER}/{use.resource}"])
    transport.put(value, use.path, mode=0o600)
    # The sum of a short secret could be guessed back into it: it is kept as closely.
    transport.put(Secret(digest), f"{use.path}.sign", mode=0o600)


def _sum_on(transport: Transport, use: Use) -> str | None:
    try:
        return transport.get(f"{use.path}.sign").decode("ascii", "replace").strip()
    except TransportError:
        return None
