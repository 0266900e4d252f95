"""Queries to Pacemaker, and how their output is read."""

from __future__ import annotations

import pytest

from pacemaker_os.ocf.cluster import DISCONNECTED, UNSET, Cluster
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.testing import World

ATTRIBUTES = """\
name="galera-position" host="n1" value="uuid:1:0:2"
name="galera-position" host="n2" value=""
name="galera-position" host="n3" value="(null)x"
some warning
"""

NODES = """<pacemaker-result><nodes>
<node name="n1" online="true" unclean="false" maintenance="false" type="member"/>
<node name="n2" online="false" unclean="true" maintenance="true" type="member"/>
<node name="r1" online="true" unclean="false" maintenance="false" type="remote"/>
</nodes></pacemaker-result>"""


def cluster(world: World, *, optional: bool = False) -> Cluster:
    return Cluster("n1", "galera", world.run_command, optional=optional)


def test_attributes_returns_values_of_all_nodes() -> None:
    world = World()
    world.results["attrd_updater"] = Result(0, ATTRIBUTES)
    assert cluster(world).attributes("galera-position") == {"n1": "uuid:1:0:2", "n3": "(null)x"}


@pytest.mark.parametrize("status", UNSET)
def test_attributes_unset_attribute_is_empty(status: int) -> None:
    world = World()
    world.results["attrd_updater"] = Result(status, "", "attribute does not exist")
    assert cluster(world).attributes("x") == {}


def test_attributes_unanswered_query_is_a_failure() -> None:
    world = World()
    world.results["attrd_updater"] = Result(DISCONNECTED, "", "Connection refused")
    with pytest.raises(Failure, match="Pacemaker command attrd_updater failed: Connection refused"):
        cluster(world).attributes("x")
    assert cluster(world, optional=True).attributes("x") == {}


def test_promotion_score_is_a_transient_attribute() -> None:
    world = World()
    world.results["attrd_updater"] = Result(0)
    cluster(world).set_promotion_score(5)
    cluster(world).clear_promotion_score()
    assert [argv[1:] for argv in world.commands] == [
        ["-n", "master-galera", "-U", "5", "-N", "n1"],
        ["-n", "master-galera", "-D", "-N", "n1"],
    ]


def test_nodes_lists_cluster_and_remote_nodes() -> None:
    world = World()
    world.results["crm_mon"] = Result(0, NODES)
    nodes = cluster(world).nodes()
    assert [name for name in nodes if nodes[name].full] == ["n1", "n2"]
    assert [name for name in nodes if nodes[name].online] == ["n1", "r1"]
    assert [name for name in nodes if not nodes[name].clean] == ["n2"]
