"""Pacemaker's `cibadmin` and its exit statuses (crm_exit_t, include/crm/common/results.h)."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Result, Transport

#: Exit statuses for a CIB that is older or newer than the source of the patch, or lacks an element of it.
MISMATCH = {103, 1}

#: Error code and message for each exit status.
ERRORS = {
    4: ("permission", "this user cannot write the CIB; use root or a member of the group haclient"),
    76: (
        "feature-set",
        "the CIB was written by a newer Pacemaker than the installed tools; upgrade the tools",
    ),
    78: ("schema", "the configuration is not valid in its schema"),
    102: (
        "no-cluster",
        "Pacemaker is not running on this machine; start it, or connect to a node with --container or --ssh",
    ),
}


def patch(
    transport: Transport, change: etree._Element, *, env: Mapping[str, str] | None = None, timeout: float = 60
) -> None:
    """Apply a patch. Raises VersionMismatch, or ClusterError with the message of cibadmin."""
    argv = ["cibadmin", "--patch", "--xml-pipe"]
    done = transport.run(argv, input=etree.tostring(change), env=env, timeout=timeout, ok=())
    if done.status in MISMATCH:
        raise VersionMismatch(done.error_text.strip())
    if done.status:
        raise rejected(done)


def query(transport: Transport, *, timeout: float = 60) -> bytes:
    """Return the whole CIB of a running cluster. Raises ClusterError."""
    done = transport.run(["cibadmin", "--query"], timeout=timeout, ok=())
    if done.status:
        raise rejected(done)
    return done.stdout


def rejected(done: Result) -> ClusterError:
    """Return the error for a failed command, with the message of cibadmin."""
    unknown = ("refused", "Pacemaker rejected the change")
    code, meaning = ERRORS.get(done.status, unknown)
    if b"not connected" in done.stderr or b"onnection refused" in done.stderr:
        code, meaning = ERRORS[102]
    lines = "; ".join(line.strip() for line in done.error_text.splitlines() if line.strip())
    detail = f" (cibadmin: {lines[:1000]})" if lines else ""
    return ClusterError(f"{meaning}{detail}", code=code)
