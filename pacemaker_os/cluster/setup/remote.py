"""Remote nodes: they run pacemaker_remote with the key of the cluster, and are not members."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport

_KEY = "/etc/pacemaker/authkey"
_SERVICE = "pacemaker_remote.service"


def start_remotes(member: Transport, remotes: Iterable[Transport]) -> None:
    """Copy the key of the cluster of `member` to each remote node, and start its daemon.

    A running daemon with the current key is not restarted, because a restart would fence the node.
    """
    key = member.get(_KEY)

    def start(remote: Transport) -> None:
        changed = remote.run(["cat", _KEY], ok=()).stdout != key
        if changed:
            remote.run(["install", "-d", "-m", "750", "-o", "root", "-g", "haclient", "/etc/pacemaker"])
            remote.put(key, _KEY, mode=0o640, owner="root:haclient")
        remote.run(["systemctl", "restart" if changed else "start", _SERVICE])
        remote.run(["systemctl", "enable", "--quiet", _SERVICE])

    run_parallel(start, remotes)
