"""Functions of OpenStack services, used with the OpenStack client through the virtual IP address."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from lab_cloud import LabCloud, needs
from nova_client import until

pytestmark = pytest.mark.cluster

#: Timeout for operations, in seconds, on two cores that run a complete cloud.
TIMEOUT = 180.0

#: A random string, and a wait condition handle, for which Heat needs a user in its own domain.
STACK = """\
heat_template_version: 2018-08-31
resources:
  word: {type: OS::Heat::RandomString, properties: {length: 12}}
  handle: {type: OS::Heat::WaitConditionHandle}
  nothing: {type: OS::Heat::None}
outputs:
  word: {value: {get_attr: [word, value]}}
"""


@pytest.fixture
def remove(cloud: LabCloud) -> Iterator[Callable[[str], None]]:
    """Registers client commands that remove the objects of a test; they run in reverse order."""
    lines: list[str] = []
    yield lines.append
    for line in reversed(lines):
        cloud.openstack(line)


def test_volume_backup_becomes_available(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "cinder")

    def is_available(kind: str) -> bool:
        status = cloud.openstack(f"{kind} show probe -f value -c status")
        assert "error" not in status
        return status == "available"

    cloud.openstack("volume create --size 1 probe")
    remove("volume delete probe")
    until(lambda: is_available("volume"), TIMEOUT)
    cloud.openstack("volume backup create --name probe probe")
    remove("volume backup delete probe")
    until(lambda: is_available("volume backup"), TIMEOUT)
    services = cloud.openstack("volume service list --service cinder-volume -f value -c Host -c State")
    assert services.split() == [f"{cloud.lab}@nfs", "up"], (
        "the service belongs to the cloud, not to a controller"
    )


def test_stack_is_created(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "heat")
    cloud.node("controller02").put(STACK.encode(), "/root/probe-stack.yaml")
    cloud.openstack("stack create --wait --template /root/probe-stack.yaml probe")
    remove("stack delete --yes --wait probe")
    assert cloud.openstack("stack show probe -f value -c stack_status") == "CREATE_COMPLETE"
    word = json.loads(cloud.openstack("stack output show probe word -f json"))["output_value"]
    assert len(word) == 12
    engines = cloud.openstack("orchestration service list -f value -c Hostname -c Status").splitlines()
    assert {line.split()[0] for line in engines if line.endswith("up")} == set(cloud.nodes("controller"))


def test_object_is_readable_through_another_controller(
    cloud: LabCloud, remove: Callable[[str], None]
) -> None:
    needs(cloud, "swift")
    data = os.urandom(256 * 1024)
    node = cloud.node("controller02")
    node.put(data, "/root/probe-object")
    cloud.openstack("container create probe")
    remove("container delete probe")
    cloud.openstack("object create --name probe probe /root/probe-object")
    remove("object delete probe probe")
    # Read through another controller, which finds the object through the ring.
    cloud.openstack("object save --file /root/probe-object-back probe probe", by="controller03")
    back = cloud.node("controller03").run(["sha256sum", "/root/probe-object-back"]).text.split()[0]
    assert back == hashlib.sha256(data).hexdigest()


def test_metric_is_stored_and_alarm_is_created(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "gnocchi", "aodh")
    # The metric is not deleted: the client of Debian 12 requests a format that its Gnocchi rejects (406).
    number = cloud.openstack(f"metric create --archive-policy-name low probe-{time.time_ns()} -f value -c id")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    cloud.openstack(f"metric measures add --measure {now}@42 {number}")

    def is_stored() -> bool:
        values = cloud.openstack(f"metric measures show {number} -f value -c value", by="controller03")
        return "42.0" in values.split()

    until(is_stored, TIMEOUT)
    alarm = cloud.openstack(
        "alarm create --name probe --type gnocchi_aggregation_by_metrics_threshold --threshold 40 "
        f"--metric {number} --aggregation-method mean --comparison-operator ge --evaluation-periods 1 "
        "--granularity 300 -f value -c alarm_id"
    )
    remove(f"alarm delete {alarm}")
    assert cloud.openstack(f"alarm show {alarm} -f value -c name") == "probe"


def test_telemetry_records_image(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "ceilometer")
    number = cloud.openstack(
        "image create --disk-format raw --container-format bare recorded -f value -c id",
        stdin=os.urandom(4096),
    )
    remove(f"image delete {number}")
    until(
        lambda: number in cloud.openstack("metric resource list --type image -f value -c id"),
        TIMEOUT,
    )
