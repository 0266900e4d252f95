"""A name service that hangs: a name takes 20 s to be not found, as when a resolver drops the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.agents.settle import Lab

#: On a node: forget the name `$1`, and ask a resolver for it that never answers.
SLOW = """
cp /etc/hosts /run/hosts.kept; cp /etc/nsswitch.conf /run/nsswitch.kept; cp /etc/resolv.conf /run/resolv.kept
grep -vw "$1" /run/hosts.kept > /etc/hosts
sed 's/^hosts:.*/hosts: files dns/' /run/nsswitch.kept > /etc/nsswitch.conf
printf 'nameserver 127.0.0.1\\noptions timeout:10 attempts:2\\n' > /etc/resolv.conf
nft add table inet slownames
nft 'add chain inet slownames input { type filter hook input priority 0; }'
nft add rule inet slownames input udp dport 53 drop
"""

QUICK = """
cat /run/hosts.kept > /etc/hosts
cat /run/nsswitch.kept > /etc/nsswitch.conf
cat /run/resolv.kept > /etc/resolv.conf
nft delete table inet slownames
"""


@contextmanager
def slow_name(lab: Lab, name: str, nodes: Sequence[str]) -> Iterator[None]:
    """On `nodes`, looking up `name` hangs for 20 s, until the context is left."""
    for node in nodes:
        lab.node(node).run(["sh", "-c", SLOW, "slow-name", name])
    try:
        yield
    finally:
        for node in nodes:
            lab.node(node).run(["sh", "-c", QUICK])
