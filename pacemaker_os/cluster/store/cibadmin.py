"""Pacemaker's own `cibadmin`, and what its exit statuses mean (crm_exit_t, include/crm/common/results.h)."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Result, Transport

#: The CIB is older or newer than the patch's source, or a place that the patch names is not there.
MOVED = {103, 1}

#: What was refused, and what to do about it.
REFUSED = {
    4: ("permission", "this user may not write the CIB; use root or a user in the group haclient"),
    76: ("feature-set", "the CIB was written by a newer Pacemaker than the tools here; upgrade the tools"),
    78: ("schema", "the configuration does not follow its schema"),
    102: ("no-cluster", "Pacemaker is not running here; start it, or name a node with --container or --ssh"),
}


def patch(
    transport: Transport, change: etree._Element, *, env: Mapping[str, str] | None = None, timeout: float = 60
) -> None:
    """Apply a patch. Raises VersionMismatch, or ClusterError with cibadmin's own words."""
    argv = ["cibadmin", "--patch", "--xml-pipe"]
    done = transport.run(argv, input=etree.tostring(change), env=env, timeout=timeout, ok=())
    if done.status in MOVED:
        raise VersionMismatch(done.error_text.strip())
    if done.status:
        raise refused(done)


def query(transport: Transport, *, timeout: float = 60) -> bytes:
    """The whole CIB of a running cluster. Raises ClusterError."""
    done = transport.run(["cibadmin", "--query"], timeout=timeout, ok=())
    if done.status:
        raise refused(done)
    return done.stdout


def refused(done: Result) -> ClusterError:
    """What cibadmin's refusal means, with its own words."""
    unknown = ("refused", "Pacemaker refused it")
    code, meaning = REFUSED.get(done.status, unknown)
    if b"not connected" in done.stderr or b"onnection refused" in done.stderr:
        code, meaning = REFUSED[102]
    words = "; ".join(line.strip() for line in done.error_text.splitlines() if line.strip())
    said = f" (cibadmin said: {words[:1000]})" if words else ""
    return ClusterError(f"{meaning}{said}", code=code)
