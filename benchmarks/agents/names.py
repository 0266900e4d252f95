"""A name service that hangs: a name takes 20 s to be not found, as when a resolver drops the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.agents.settle import Lab

#: On a node: forget the name `$1`, and ask a resolver for it that never answers.
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

#: Take it back, also on a node that was fenced meanwhile: that lost its rules, and kept its files.
QUICK = """
set -e
for name in hosts nsswitch.conf resolv.conf; do cat "/var/tmp/names/$name" > "/etc/$name"; done
rm -r /var/tmp/names
if nft list table inet slownames > /dev/null 2>&1; then nft delete table inet slownames; fi
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
