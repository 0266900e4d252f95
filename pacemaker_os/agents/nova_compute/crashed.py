"""Which guests of this hypervisor crashed, by what libvirt remembers of how each ended.

A guest that was shut down from inside, or stopped through Nova, ended otherwise and is not named.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacemaker_os.ocf.command import Result

VIRSH = "/usr/bin/virsh"

#: More guests than these are told of next time.
MOST = 20

#: How `virsh domstate --reason` calls the end of a guest whose process died or whose kernel panicked.
ENDS = frozenset({"shut off (crashed)", "shut off (failed)", "crashed (panicked)"})


def crashed(ask: Callable[[Sequence[str]], Result]) -> list[str]:
    """The ids of the guests that crashed, in order; none when libvirt does not answer: it may restart."""
    virsh = [VIRSH, "--readonly", "--connect", "qemu:///system"]
    listed = ask([*virsh, "list", "--uuid", "--inactive"])
    if listed.status:
        return []
    found = []
    for uuid in sorted(listed.stdout.split()):
        said = ask([*virsh, "domstate", "--reason", uuid])
        if not said.status and said.stdout.strip() in ENDS:
            found.append(uuid)
    return found[:MOST]
