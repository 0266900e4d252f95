"""What becomes of services when nodes are lost, by the word of Pacemaker's scheduler."""

from __future__ import annotations

import shutil

import pytest

from pacemaker_os import document
from pacemaker_os.cluster.state.fall import Fate, fates
from pacemaker_os.cluster.state.foreseen import foreseen
from pacemaker_os.document.load import Source
from pacemaker_os.errors import ClusterError

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None, reason="crm_simulate is not installed (Debian: pacemaker-cli-utils)"
)

DOCUMENT = document.read(
    [
        Source(
            "site.cib.yaml",
            """
nodes: {"n[1-3]": {rack: left}}
properties: {stonith-enabled: true}
resources:
  fence: {agent: "stonith:fence_dummy"}
  vip: {agent: "ocf:heartbeat:IPaddr2"}
  lb: {agent: "systemd:haproxy", clone: {interleave: true}}
  pinned: {agent: "ocf:heartbeat:Dummy"}
location:
  - vip on n1 (1000)
  - pinned on n1
  - pinned avoids n2
  - pinned avoids n3
""",
        )
    ]
)


def test_one_node() -> None:
    with foreseen(DOCUMENT) as cluster:
        found = {fate.service: fate for fate in fates(cluster, cluster.query().cib, ["n1"])}
    assert found["pinned"].fate == "falls" and found["pinned"].why.startswith("does not run: ")
    assert found["vip"].fate == "moves" and set(found["vip"].to) < {"n2", "n3"}
    assert found["lb"] == Fate("lb", "fewer", ("n2", "n3"))


def test_two_nodes_take_the_quorum() -> None:
    with foreseen(DOCUMENT) as cluster:
        found = fates(cluster, cluster.query().cib, ["n1", "n2"])
    assert {fate.service for fate in found if "no quorum: 1 of 3" in fate.why} == {"lb", "pinned", "vip"}
    assert all(fate.to for fate in found if fate.fate != "falls")


def test_unknown_node() -> None:
    with foreseen(DOCUMENT) as cluster, pytest.raises(ClusterError, match="no node 'n9'; it has n1, n2, n3"):
        fates(cluster, cluster.query().cib, ["n9"])
