"""Slow name resolution: a lookup fails after 20 s, like with a resolver that drops queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.agents.settle import Lab

#: Remove the name `$1` from a node, and use a resolver that never responds.
SLOW = """
set -e
mkdir -p /var/tmp/names
cp /etc/hosts /etc/nsswitch.conf /etc/resolv.conf /var/tmp/names
grep -vw "$1" /var/tmp/names/hosts > /etc/hosts
sed 's/^hosts:.*/hosts: files dns/' /var/tmp/names/nsswitch.conf > /etc/nsswitch.conf
printf 'nameserver 127.0.0.1\\noptions timeout:10 attempts:2\\n' > /etc/resolv.conf
nft add table inet slownames
nft 'add chain inet slownames input { type filter hook input priority 0; }'
nft add rule inet slownames input udp dport 53 drop
"""

#: Undo it. A node that was fenced meanwhile has lost its rules, but still has its files.
QUICK = """
set -e
for name in hosts nsswitch.conf resolv.conf; do cat "/var/tmp/names/$name" > "/etc/$name"; done
rm -r /var/tmp/names
if nft list table inet slownames > /dev/null 2>&1; then nft delete table inet slownames; fi
"""


@contextmanager
def slow_name(lab: Lab, name: str, nodes: Sequence[str]) -> Iterator[None]:
    """Delay lookups of `name` on `nodes` by 20 s within the context."""
    for node in nodes:
        lab.node(node).run(["sh", "-c", SLOW, "slow-name", name])
    try:
        yield
    finally:
        for node in nodes:
            lab.node(node).run(["sh", "-c", QUICK])
