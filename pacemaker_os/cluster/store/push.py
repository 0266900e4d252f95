"""The push: compare-and-swap of the configuration, and nothing else ever."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.objects import changed_objects
from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.replay import check_patch
from pacemaker_os.cluster.store.base import Store, VersionMismatch
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, Conflict

#: A busy cluster's status may move between any look and any push: this long it is tried again, in seconds.
PATIENCE = 60.0

#: Refused this often on top of the very version that was just read, it is not the version that is wrong.
STUBBORN = 8


def push(store: Store, base: Snapshot, target: etree._Element, *, patience: float = PATIENCE) -> Snapshot:
    """Make the configuration of `target` (a `<cib>`) that of the store, if it still is that of `base`.

    One epoch is used, or none. Returns what was read back afterwards.
    Raises Conflict when somebody else changed the configuration meanwhile, ClusterError when it
    was refused, or was taken without being written.
    """
    # It takes a while to import, and a mere plan needs it not.
    from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

    current, stuck = base, 0
    tries = Retrying(
        retry=retry_if_exception_type(VersionMismatch),
        wait=wait_random(0, 0.3),
        stop=lambda state: stuck >= STUBBORN or stop_after_delay(patience)(state),
        reraise=True,
    )
    try:
        for attempt in tries:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    before, current = current, store.read()
                    _refuse_other_configuration(base, current, target)
                    stuck = stuck + 1 if current.version == before.version else 0
                patch = make_patch(current.cib, target, current.version)
                check_patch(patch, current.cib, target)
                store.compare_and_swap(current, patch)
    except VersionMismatch as moved:
        if stuck >= STUBBORN:
            raise ClusterError(
                f"Pacemaker refused the change; nothing was written: {moved}", code="refused"
            ) from None
        message = f"the cluster's status did not rest for a moment in {patience:g} s; nothing was written"
        raise ClusterError(f"{message}; try again", code="busy") from None
    return _verified(store, current, target)


def _refuse_other_configuration(base: Snapshot, now: Snapshot, target: etree._Element) -> None:
    if base.exists == now.exists and base.same_configuration(now):
        return
    author = f" ({now.author})" if now.author else ""
    raise Conflict(
        f"the configuration was changed meanwhile: it was {base.version} when the plan was made"
        f" and is {now.version} now{author}; nothing was written. Plan again\n{both_sides(base, now, target)}"
    )


def both_sides(base: Snapshot, now: Snapshot, target: etree._Element) -> str:
    """What somebody else wrote on top of `base`, and what was to be written, a line an object."""
    sides = (("they", now.cib), ("you", target))
    return "\n".join(f"  {who}: {change}" for who, cib in sides for change in changed_objects(base.cib, cib))


def _verified(store: Store, base: Snapshot, target: etree._Element) -> Snapshot:
    """Read back: Pacemaker has said success to patches that it did not apply."""
    after = store.read()
    expected = base.version.next().configuration
    if after.version.configuration < expected:
        message = f"Pacemaker took the change and did not write it: the CIB is still {after.version}"
        raise ClusterError(message, code="not-written")
    ours = after.version.configuration == expected
    if ours and not content.same_content(after.cib, target):
        message = "the cluster holds something else than what was pushed; look at it with: pcs-os plan"
        raise ClusterError(message, code="not-written")
    return after
