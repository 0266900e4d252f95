"""Record an apply before, during and after its writes.

The record is on the disks of the nodes before the CIB is written, and the CIB carries its id with the change.
If the writer ends at any instruction, the mark in the CIB and the record together tell what was written.
"""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import EventHandler, Pushed, Recorded
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.cluster.store.history import NodeRecords
from pacemaker_os.cluster.store.mark import read_mark, with_mark
from pacemaker_os.cluster.store.peers import Peer
from pacemaker_os.cluster.store.record import Intent, Progress, Record
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.cluster.store.states import StateName, States
from pacemaker_os.errors import ClusterError, Conflict, PacemakerOsError, TransportError
from pacemaker_os.plan.ordered_removal import with_removals_stopped
from pacemaker_os.signals import Interrupted, deferred, raise_pending


class Recording:
    """The record of one apply, and the writes that it describes.

    `cibs` are the states that the apply writes, `written` is the CIB after the last write, and `peers` are
    the other nodes.
    """

    def __init__(self, cluster: Cluster, prepared: Prepared, intent: Intent) -> None:
        plan, parent = prepared.plan, read_mark(prepared.base.cib)
        cibs: dict[StateName, etree._Element] = {"before": prepared.base.cib, "after": prepared.target}
        if plan.stop_before_removal:
            cibs["stopped"] = with_removals_stopped(prepared.start, plan.changes, plan.stop_before_removal)
        # The states need the id, which is that of the record.
        record = Record.prepared(plan, parent, intent)
        if intent.mark is None:
            cibs["after"] = with_mark(cibs["after"], record.mark)
        if plan.stop_before_removal:
            cibs["stopped"] = with_mark(cibs["stopped"], record.stopping_mark)
        self.cluster, self.cibs = cluster, cibs
        self.record = record.with_states(States.of(cibs))
        self.warnings: tuple[str, ...] = ()
        self.written: Snapshot | None = None
        self.peers: tuple[Peer, ...] = ()
        self._base, self._nodes = prepared.base, NodeRecords(())

    @property
    def views(self) -> list[Cluster]:
        """The cluster through each of the other nodes."""
        return [self.cluster.through(peer.transport) for peer in self.peers if peer.transport is not None]

    def write(self, on_event: EventHandler) -> Snapshot:
        """Record the apply, and write the first of its states. Return the CIB that was read back.

        A signal waits until the write is finished. Raises Conflict, ClusterError; nothing was written then
        unless the error says so.
        """
        first: StateName = "stopped" if "stopped" in self.cibs else "after"
        with deferred():
            self._prepare()
            on_event(Recorded(self.record.id))
            try:
                raise_pending()
                return self._push(self._base, first, on_event)
            except _Unknown:
                raise
            except (ClusterError, Interrupted):
                # Nothing was written. After any other exception, this is not certain.
                if self.record.progress == "prepared":
                    self._nodes.remove(self.record)
                raise

    def write_removal(self, stopped: Snapshot, on_event: EventHandler) -> Snapshot:
        """Write the last state on top of the one that stopped resources. Raises Conflict, ClusterError."""
        with deferred():
            return self._push(stopped, "after", on_event)

    def end(self, progress: Progress) -> None:
        """Record how the apply ended."""
        self._update(progress, None)

    def _prepare(self) -> None:
        if self.cluster.live:
            self.peers = tuple(self.cluster.peers(only_members=True)[1:])
        self._nodes = NodeRecords.of(self.cluster.store, self.peers)
        try:
            self._warn(self._nodes.write(self.record))
        except ClusterError as error:
            remedy = "free space there, or connect to another node"
            message = f"cannot record the apply before the change: {error}; {remedy}. Nothing was written"
            raise ClusterError(message, code="not-recorded") from None

    def _push(self, base: Snapshot, state: StateName, on_event: EventHandler) -> Snapshot:
        """Write one of the states; a lost connection does not leave open whether it was written."""
        try:
            after = self.cluster.push(base, self.cibs[state])
        except Conflict:
            raise
        except (TransportError, ClusterError) as error:
            after = self._written(base, state, error)
        self.written = after
        self._update("stopped" if state == "stopped" else "written", after.version)
        on_event(Pushed(after.version, self.record.id))
        return after

    def _written(self, base: Snapshot, state: StateName, error: PacemakerOsError) -> Snapshot:
        """Return the CIB if it has the state although the push failed, else raise the error."""
        now = self._read()
        if now is None:
            if not isinstance(error, TransportError):
                raise error
            history = self.cluster.target.command(("pcs-os", "history"))
            raise _Unknown(
                f"apply '{self.record.id}' may have been written, because the connection failed: {error}; "
                f"to see the result, connect to a node that responds and run: {history}",
                code="unknown-outcome",
            )
        mark = self.record.mark_after(state)
        if read_mark(now.cib) != mark or now.version.configuration <= base.version.configuration:
            raise error
        return now

    def _read(self) -> Snapshot | None:
        """Return the CIB from the first node that has it."""
        for cluster in (self.cluster, *self.views):
            try:
                return cluster.query()
            except PacemakerOsError:
                continue
        return None

    def _update(self, progress: Progress, after: Version | None) -> None:
        """Record the progress. The change is in place, so an error is only a warning."""
        self.record = self.record.at(progress, after)
        try:
            self._warn(self._nodes.write(self.record))
            if progress == "written":
                self._warn(self._nodes.remove_old())
        except PacemakerOsError as error:
            self._warn([str(error)])

    def _warn(self, errors: list[str]) -> None:
        if errors:
            warning = f"the history record could not be written to every node: {'; '.join(errors)}"
            self.warnings = tuple(dict.fromkeys((*self.warnings, warning)))


class _Unknown(ClusterError):
    """It is unknown whether the change was written, because the cluster cannot be read."""
