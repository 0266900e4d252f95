"""The CIB of a running cluster, pushed through pcs, for sites whose rule is that pcs writes.

pcs is given the whole CIB with the version that was read: the CIB manager refuses a replacement that is
older than what it has, and so the guard is the same as for a patch. (`pcs cluster cib-push` with
`diff-against=` or `scope=` would leave the version out, and guard nothing.)
"""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError

#: What pcs passes on of the CIB manager's refusal of an older CIB.
_OLDER = ("older than existing", "is older", "Update was older", "rc=205", "(103)")

#: pcs itself takes a second to start on a busy node, and waits for the CIB manager.
TIMEOUT = 120.0


class PcsStore(LiveStore):
    """Reads as LiveStore does, writes with `pcs cluster cib-push`."""

    __slots__ = ()

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        with scratch(self.transport) as folder:
            path = f"{folder}/cib.xml"
            self.transport.put(etree.tostring(replay(patch, base.cib)), path, mode=0o600)
            done = self.transport.run(["pcs", "cluster", "cib-push", path], timeout=TIMEOUT, ok=())
        if done.status == 0:
            return
        said = f"{done.error_text.strip()} {done.text.strip()}".strip()
        if any(word in said for word in _OLDER):
            raise VersionMismatch(said)
        raise ClusterError(f"pcs refused the change; nothing was written (pcs said: {said})", code="refused")
