"""Failures of a compute node with forty instances: each instance is evacuated once.

Each test lets the node with the instances fail, and leaves them on the other node for the next test.
"""

from __future__ import annotations

from functools import partial
from statistics import median

import pytest
from cloud_faults import (
    break_api,
    engine_parameters,
    fast_reconnect,
    is_member,
    kill_agent,
    kill_controller_of_agent,
    kill_nova_compute,
    power_cycle_controllers,
    suspended_nova_compute,
)
from evacuation import Drill, host_of, print_times
from guests import running
from lab_cloud import LabCloud
from nova_client import Nova, until

pytestmark = pytest.mark.cluster

#: Timeout for Nova to report a silent nova-compute as down, and additional observation time, in seconds.
DOWN_TIMEOUT, OBSERVATION = 120.0, 20.0

#: Maximum time in addition to fencing and to the evacuation by Nova itself, in seconds.
MAX_OVERHEAD = 10.0

#: Number of measurements.
ROUNDS = 3


def test_evacuation_is_almost_as_fast_as_nova_alone(cloud: LabCloud, nova: Nova, drill: Drill) -> None:
    """Alternates with manual evacuation, because the times of two runs differ by up to 13 s."""
    nova_alone, nova_evacuate = [], []
    for _ in range(ROUNDS):
        nova_alone.append(Drill(cloud, nova, drill.uuids).evacuate_manually())
        print_times("Nova alone", {"evacuated": nova_alone[-1]})
        again = Drill(cloud, nova, drill.uuids)
        again.fail()
        again.run_to_completion("killed")
        again.assert_each_was_built_once()
        assert again.times.fenced is not None
        assert again.times.last_active is not None
        nova_evacuate.append(again.times.last_active - again.times.fenced)
    overhead = median(nova_evacuate) - median(nova_alone)
    print_times("in addition to Nova and fencing, medians", {"overhead": overhead})
    assert overhead < MAX_OVERHEAD


def test_evacuation_survives_three_kills_of_the_agent(drill: Drill, cloud: LabCloud) -> None:
    drill.fail()
    # The agent is down for 10 s each time, during which up to twenty requested evacuations finish.
    at = dict.fromkeys((1, 6, 12), partial(kill_agent, cloud))
    drill.run_to_completion("killed, and the agent three times", at=at)
    drill.assert_each_was_built_once()


def test_evacuation_survives_failure_of_controller_with_agent(drill: Drill, cloud: LabCloud) -> None:
    drill.fail()
    at = {5: partial(kill_controller_of_agent, cloud)}
    drill.run_to_completion("killed, and the agent's controller", at=at)
    drill.wait_for_controllers()


def test_failed_node_that_returns_early_waits_for_evacuation(drill: Drill, cloud: LabCloud) -> None:
    """nova-compute must not start early: it would start instances that are being rebuilt elsewhere."""
    with fast_reconnect(cloud, drill.victim):
        drill.fail()
        back = partial(until, partial(is_member, cloud, drill.victim), 60.0)
        drill.run_to_completion("killed, and back immediately", at={5: back})
        drill.assert_each_was_built_once()


def test_kill_of_nova_compute_on_target_does_not_duplicate_instances(drill: Drill, cloud: LabCloud) -> None:
    """Partially rebuilt instances may run on the target, so they move only after the target was off, too."""
    with engine_parameters(cloud, max_attempts="2"):
        drill.fail()
        drill.wait_until_settled(at={5: partial(kill_nova_compute, cloud, drill.target)})
        assert max(len(hosts) for hosts in drill.running_hosts().values()) == 1
        drill.wait_until_active(
            "killed, the target's nova-compute killed, the target killed", at={0: drill.kill_target}
        )


def test_evacuation_survives_power_loss_of_all_controllers(drill: Drill, cloud: LabCloud) -> None:
    drill.fail()
    at = {5: partial(power_cycle_controllers, cloud)}
    drill.run_to_completion("killed, and all controllers power-cycled", at=at, timeout=900.0)
    drill.wait_for_controllers()


def test_partitioned_node_is_fenced_before_evacuation(drill: Drill) -> None:
    drill.fail("partition")
    drill.run_to_completion("partitioned")
    drill.assert_each_was_built_once()


def test_evacuation_survives_reset_connections_to_nova(drill: Drill, cloud: LabCloud) -> None:
    drill.fail()
    drill.run_to_completion("killed, and Nova unreachable for 30 s", at={1: lambda: break_api(cloud, 30.0)})


def test_node_that_only_nova_reports_down_keeps_instances(drill: Drill, cloud: LabCloud, nova: Nova) -> None:
    with suspended_nova_compute(cloud, drill.victim):
        until(lambda: nova.services()[drill.victim]["state"] == "down", DOWN_TIMEOUT)
        drill.assert_nothing_happens(OBSERVATION)
    until(lambda: nova.services()[drill.victim]["state"] == "up", DOWN_TIMEOUT)


def test_node_that_operator_forced_down_keeps_instances(drill: Drill, nova: Nova) -> None:
    service = nova.services()[drill.victim]["id"]
    nova.request("PUT", f"/v2.1/os-services/{service}", {"forced_down": True})
    drill.assert_nothing_happens(OBSERVATION)
    assert nova.services()[drill.victim]["forced_down"]
    nova.request("PUT", f"/v2.1/os-services/{service}", {"forced_down": False})
    until(lambda: nova.services()[drill.victim]["state"] == "up", DOWN_TIMEOUT)


def test_evacuation_respects_amphorae_stopped_and_locked_instances(
    drill: Drill, cloud: LabCloud, nova: Nova
) -> None:
    """An amphora stays on its host, a stopped instance stays stopped, and a lock of the owner is kept."""
    created = {
        name: nova.create(drill.victim, 1, name=name)[0] for name in ("amphora-1", "stopped", "locked")
    }
    nova.act(created["stopped"], "os-stop")
    nova.act(created["locked"], "lock", {"locked_reason": "owner"})
    until(lambda: nova.server(created["stopped"])["status"] == "SHUTOFF", DOWN_TIMEOUT)
    drill.fail()
    drill.run_to_completion("killed with an amphora, a stopped and a locked instance")
    until(lambda: running(cloud).get(created["amphora-1"]) == [drill.victim], DOWN_TIMEOUT)
    found = {name: nova.server(uuid) for name, uuid in created.items()}
    assert {name: (host_of(each), each["status"], each["locked"]) for name, each in found.items()} == {
        "amphora-1": (drill.victim, "ACTIVE", False),
        "stopped": (drill.target, "SHUTOFF", False),
        "locked": (drill.target, "ACTIVE", True),
    }
    assert found["locked"]["locked_reason"] == "owner"
    assert running(cloud).get(created["stopped"], []) == []
    assert running(cloud)[created["locked"]] == [drill.target]
    for uuid in created.values():
        nova.delete(uuid)


def test_instance_without_valid_host_runs_again_on_its_host(
    drill: Drill, cloud: LabCloud, nova: Nova
) -> None:
    """Nova reports the missing host only after the request, and leaves the instance in ERROR."""
    nova.restrict_to_host(f"tied-{drill.victim}", drill.victim)
    (tied,) = nova.create(drill.victim, 1, flavor=f"tied-{drill.victim}", name="tied")
    with engine_parameters(cloud, max_attempts="2"):
        drill.fail()
        drill.run_to_completion("killed with an instance that has no valid host")
    found = nova.server(tied)
    assert (host_of(found), found["status"], found["locked"]) == (drill.victim, "ACTIVE", False)
    statuses = [each["status"] for each in nova.migrations() if each["instance_uuid"] == tied]
    assert statuses == ["error", "error"]
    until(lambda: running(cloud).get(tied) == [drill.victim], DOWN_TIMEOUT)
    nova.delete(tied)


def test_evacuation_survives_failure_of_the_target(drill: Drill) -> None:
    drill.fail()
    drill.wait_until_active("both killed", at={5: drill.kill_target})
