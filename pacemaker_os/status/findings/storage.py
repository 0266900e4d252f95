"""Findings about the CIB on the disks of nodes, and about disk space."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.health.node_facts import NodeFacts
from pacemaker_os.status.values import State
from pacemaker_os.text import abbreviate

_DIRECTORY = "/var/lib/pacemaker/cib"

#: pacemaker-based writes again after this signal, with the next change of the configuration. A property that
#: no daemon knows is such a change.
_WRITE_AGAIN = (
    "pkill -PIPE -x pacemaker-based && crm_attribute --name pcs-os-write --update 1"
    " && crm_attribute --name pcs-os-write --delete"
)

#: A file that does not match its digest is not replaced.
_SET_ASIDE = f"cd {_DIRECTORY} && mv -f cib.xml cib.xml.damaged; rm -f cib.xml.sig"


def cib_on_disk(state: State) -> Iterator[Finding]:
    """Report nodes that no longer write the CIB to their disk, or that could not read it after a restart."""
    for facts in state.health.nodes:
        disk, view = facts.disk, facts.view
        if disk is None or view is None or not facts.joined:
            continue
        behind = view.is_newer(disk) and not disk.error
        if not (behind or disk.error or disk.foreign):
            continue
        text = f"{facts.node} does not write the CIB to its disk"
        if behind:
            text += f" (version {_dotted(disk.version)} on disk, {_dotted(view.version)} in memory)"
        full = any(_DIRECTORY.startswith(each.path) for each in facts.space)
        yield Finding(
            code="cib-not-written",
            severity="critical",
            subject=facts.node,
            text=f"{text}: after a restart, it begins with an old configuration or none",
            reason=_reason(facts, full=full),
            advice=f"{'after you free space, ' if full else ''}run:",
            command=("sh", "-c", _remedy(facts)),
            node=facts.node,
        )


def _reason(facts: NodeFacts, *, full: bool) -> str:
    disk = facts.disk
    assert disk is not None
    if disk.error:
        return disk.error
    if disk.foreign:
        return f"{abbreviate(disk.foreign)} is not owned by hacluster"
    if full:
        return "the disk is full or cannot be written"
    return "Pacemaker disabled disk writes after a failure (see 'Disabling' in its log)"


def _remedy(facts: NodeFacts) -> str:
    disk = facts.disk
    assert disk is not None
    steps = []
    if disk.error:
        steps.append(_SET_ASIDE)
    if disk.foreign:
        steps.append(f"chown -R hacluster:haclient {_DIRECTORY}")
    return "; ".join([*steps, _WRITE_AGAIN])


def space(state: State) -> Iterator[Finding]:
    """Report directories of the daemons with too little free space."""
    for facts in state.health.nodes:
        if not facts.space:
            continue
        least = min(facts.space, key=lambda each: each.free)
        paths = abbreviate([each.path for each in facts.space])
        read_only = [each.path for each in facts.space if each.read_only]
        if read_only:
            text = f"{abbreviate(read_only)} on {facts.node} is read-only: the cluster cannot write there"
        else:
            text = (
                f"{paths} on {facts.node}: {least.free} MiB free; the cluster needs "
                f"{least.needed} MiB for its data and logs"
            )
        yield Finding(
            code="disk-space",
            severity="critical" if read_only or least.free == 0 else "warning",
            subject=facts.node,
            text=text,
            advice="free space; to see what uses it, run:",
            command=("df", "-h", *(each.path for each in facts.space)),
            node=facts.node,
        )


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
