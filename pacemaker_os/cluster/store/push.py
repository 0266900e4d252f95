"""The push: a compare-and-swap of the configuration, which never overwrites a concurrent change."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.changed_objects import changed_objects
from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.replay import check_patch
from pacemaker_os.cluster.store.base import Store, VersionMismatch
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, Conflict

#: Time during which a push is retried, in seconds, because every change of the status changes the version.
TIMEOUT = 60.0

#: Number of consecutive version mismatches on the version that was just read after which the push fails: the
#: cause is then not the version.
MAX_MISMATCHES = 8


def push(store: Store, base: Snapshot, target: etree._Element, *, timeout: float = TIMEOUT) -> Snapshot:
    """Write the configuration of `target` (a `<cib>`) if the store still has the configuration of `base`.

    The push uses at most one epoch. Returns the CIB that was read back.
    Raises Conflict when the configuration was changed after `base` was read, ClusterError when Pacemaker
    rejects the change, or accepts it without writing it.
    """
    # Imported here because the import is slow and a plan does not need it.
    from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

    current, mismatches = base, 0
    tries = Retrying(
        retry=retry_if_exception_type(VersionMismatch),
        wait=wait_random(0, 0.3),
        stop=lambda state: mismatches >= MAX_MISMATCHES or stop_after_delay(timeout)(state),
        reraise=True,
    )
    try:
        for attempt in tries:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    before, current = current, store.read()
                    if content.same_content(current.cib, target):
                        # The answer to the previous attempt was lost, or wrong.
                        return current
                    _check_configuration(base, current, target)
                    mismatches = mismatches + 1 if current.version == before.version else 0
                patch = make_patch(current.cib, target, current.version)
                check_patch(patch, current.cib, target)
                store.compare_and_swap(current, patch)
    except VersionMismatch as mismatch:
        if mismatches >= MAX_MISMATCHES:
            raise ClusterError(
                f"Pacemaker rejected the change: {mismatch}. Nothing was written", code="refused"
            ) from None
        message = f"could not write within {timeout:g} s because the CIB status kept changing"
        raise ClusterError(f"{message}. Nothing was written; try again", code="busy") from None
    return _verified(store, current, target)


def _check_configuration(base: Snapshot, now: Snapshot, target: etree._Element) -> None:
    if base.exists == now.exists and base.same_configuration(now):
        return
    author = f" ({now.author})" if now.author else ""
    raise Conflict(
        f"conflict: the CIB changed from {base.version} to {now.version}{author} in the meantime. "
        f"Nothing was written; run the command again\n{both_sides(base, now, target)}"
    )


def both_sides(base: Snapshot, now: Snapshot, target: etree._Element) -> str:
    """Return the concurrent changes since `base` and the planned ones, one line per object."""
    sides = (("they", now.cib), ("you", target))
    return "\n".join(
        f"  {side}: {change}" for side, cib in sides for change in changed_objects(base.cib, cib)
    )


def _verified(store: Store, base: Snapshot, target: etree._Element) -> Snapshot:
    """Return the CIB that was read back, because Pacemaker reported success for patches it did not apply."""
    after = store.read()
    expected = base.version.next().configuration
    if after.version.configuration < expected:
        message = f"Pacemaker accepted the change but did not write it: the CIB is still at {after.version}"
        raise ClusterError(message, code="not-written")
    ours = after.version.configuration == expected
    if ours and not content.same_content(after.cib, target):
        remedy = "to see the differences, plan the same documents again"
        message = f"the configuration differs from what was pushed; {remedy}"
        raise ClusterError(message, code="not-written")
    return after
