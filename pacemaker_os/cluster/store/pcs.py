"""The CIB of a running cluster, written by pcs, for sites where pcs must make all changes.

pcs receives the whole CIB with the version that was read. The CIB manager rejects a replacement that is
older than its own CIB, so a push is a compare-and-swap as with a patch. (`pcs cluster cib-push` with
`diff-against=` or `scope=` leaves the version out, and overwrites concurrent changes.)
"""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError

#: Parts of the output of pcs when the CIB manager rejects an older CIB.
_OLDER = ("older than existing", "is older", "Update was older", "rc=205", "(103)")

#: Timeout of pcs, in seconds. It takes a second to start on a busy node, and waits for the CIB manager.
TIMEOUT = 120.0


class PcsStore(LiveStore):
    """Reads like LiveStore, and writes with `pcs cluster cib-push`."""

    __slots__ = ()

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        with scratch(self.transport) as directory:
            path = f"{directory}/cib.xml"
            self.transport.put(etree.tostring(replay(patch, base.cib)), path, mode=0o600)
            done = self.transport.run(["pcs", "cluster", "cib-push", path], timeout=TIMEOUT, ok=())
        if done.status == 0:
            return
        output = f"{done.error_text.strip()} {done.text.strip()}".strip()
        if any(text in output for text in _OLDER):
            raise VersionMismatch(output)
        raise ClusterError(f"pcs rejected the change (output: {output}). Nothing was written", code="refused")
