#!/usr/bin/python3
"""Map compute hosts, named by the arguments, to Nova's cell.

Fails while Nova does not know one of them. Nova may know hosts by their fully qualified names.
"""

from __future__ import annotations

import subprocess
import sys


def nova_manage(*args: str) -> str:
    """Return the output of a command of `nova-manage cell_v2`."""
    command = ["nova-manage", "cell_v2", *args]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def short(name: str) -> str:
    """Return a host name without its domain."""
    return name.partition(".")[0]


def unmapped(hosts: list[str]) -> list[str]:
    """Return the hosts that are not in the cell."""
    mapped = {short(word) for word in nova_manage("list_hosts").split()}
    return [name for name in hosts if short(name) not in mapped]


def main(hosts: list[str]) -> None:
    """Map the hosts that are not in the cell."""
    if not unmapped(hosts):
        return
    nova_manage("discover_hosts", "--by-service")
    missing = unmapped(hosts)
    if missing:
        sys.exit(f"Nova does not know these hosts yet: {', '.join(missing)}; check nova-compute on them")


if __name__ == "__main__":
    main(sys.argv[1:])
