"""The guests of this hypervisor that crashed, according to libvirt.

A guest that was shut down from inside, or stopped through Nova, has another reason and is not included.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacemaker_os.ocf.command import Result

VIRSH = "/usr/bin/virsh"

#: Maximum number of reported guests; the others follow once these have been restarted.
MAX_REPORTED = 20

#: Output of `virsh domstate --reason` for a guest whose process died or whose kernel panicked.
CRASH_STATES = frozenset({"shut off (crashed)", "shut off (failed)", "crashed (panicked)"})


def crashed(run: Callable[[Sequence[str]], Result]) -> list[str]:
    """Return the ids of the crashed guests, sorted; none if libvirt does not respond."""
    virsh = [VIRSH, "--readonly", "--connect", "qemu:///system"]
    listed = run([*virsh, "list", "--uuid", "--inactive"])
    if listed.status:
        return []
    found = []
    for uuid in sorted(listed.stdout.split()):
        state = run([*virsh, "domstate", "--reason", uuid])
        if not state.status and state.stdout.strip() in CRASH_STATES:
            found.append(uuid)
    return found[:MAX_REPORTED]
