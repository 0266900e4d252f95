"""The impact of node failures, as Pacemaker's scheduler simulates them."""

from __future__ import annotations

import shutil

import pytest

from pacemaker_os import document
from pacemaker_os.cluster.planning.impact import predict_impacts
from pacemaker_os.cluster.planning.predicted_cluster import predicted_cluster
from pacemaker_os.document.load import Source
from pacemaker_os.errors import ClusterError
from pacemaker_os.status.impact import Impact

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


def test_impact_of_one_node() -> None:
    with predicted_cluster(DOCUMENT) as cluster:
        found = {impact.service: impact for impact in predict_impacts(cluster, cluster.query().cib, ["n1"])}
    assert found["pinned"].impact == "stops" and found["pinned"].why.startswith("does not run: ")
    assert found["vip"].impact == "moves" and set(found["vip"].to) < {"n2", "n3"}
    assert found["lb"] == Impact("lb", "reduced", ("n2", "n3"))


def test_impact_of_lost_quorum() -> None:
    with predicted_cluster(DOCUMENT) as cluster:
        found = predict_impacts(cluster, cluster.query().cib, ["n1", "n2"])
    assert {impact.service for impact in found if "no quorum: 1 of 3" in impact.why} == {
        "lb",
        "pinned",
        "vip",
    }
    assert all(impact.to for impact in found if impact.impact != "stops")


def test_unknown_node_is_an_error() -> None:
    with (
        predicted_cluster(DOCUMENT) as cluster,
        pytest.raises(ClusterError, match="unknown node 'n9'; the cluster has n1, n2, n3"),
    ):
        predict_impacts(cluster, cluster.query().cib, ["n9"])
