"""The stock client makes one of everything through the virtual address, and finds in it what it put there."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from lab_cloud import LabCloud, needs
from nova_asked import until

pytestmark = pytest.mark.cluster

#: Until what was asked for is done, in seconds, on two cores that run a whole cloud.
PATIENCE = 180.0

#: A random word, and a handle, for which Heat needs its own domain and a user in it.
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
    """Takes lines for the client that remove what a test makes, the last one first, also when it fails."""
    lines: list[str] = []
    yield lines.append
    for line in reversed(lines):
        cloud.openstack(line)


def test_a_volume_and_its_backup(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "cinder")

    def is_available(kind: str) -> bool:
        status = cloud.openstack(f"{kind} show probe -f value -c status")
        assert "error" not in status
        return status == "available"

    cloud.openstack("volume create --size 1 probe")
    remove("volume delete probe")
    until(lambda: is_available("volume"), PATIENCE)
    cloud.openstack("volume backup create --name probe probe")
    remove("volume backup delete probe")
    until(lambda: is_available("volume backup"), PATIENCE)
    said = cloud.openstack("volume service list --service cinder-volume -f value -c Host -c State")
    assert said.split() == [f"{cloud.lab}@nfs", "up"], "it belongs to the cloud, and to no controller"


def test_a_stack(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "heat")
    cloud.node("controller02").put(STACK.encode(), "/root/probe-stack.yaml")
    cloud.openstack("stack create --wait --template /root/probe-stack.yaml probe")
    remove("stack delete --yes --wait probe")
    assert cloud.openstack("stack show probe -f value -c stack_status") == "CREATE_COMPLETE"
    word = json.loads(cloud.openstack("stack output show probe word -f json"))["output_value"]
    assert len(word) == 12
    engines = cloud.openstack("orchestration service list -f value -c Hostname -c Status").splitlines()
    assert {line.split()[0] for line in engines if line.endswith("up")} == set(cloud.nodes("controller"))


def test_an_object(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "swift")
    data = os.urandom(256 * 1024)
    node = cloud.node("controller02")
    node.put(data, "/root/probe-object")
    cloud.openstack("container create probe")
    remove("container delete probe")
    cloud.openstack("object create --name probe probe /root/probe-object")
    remove("object delete probe probe")
    # Another controller gives it back: what it has came to it over the ring.
    cloud.openstack("object save --file /root/probe-object-back probe probe", by="controller03")
    back = cloud.node("controller03").run(["sha256sum", "/root/probe-object-back"]).text.split()[0]
    assert back == hashlib.sha256(data).hexdigest()


def test_a_metric_and_its_alarm(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "gnocchi", "aodh")
    # It stays: Debian 12's client asks for an answer in a form that its Gnocchi does not give (406).
    number = cloud.openstack(f"metric create --archive-policy-name low probe-{time.time_ns()} -f value -c id")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    cloud.openstack(f"metric measures add --measure {now}@42 {number}")

    def is_there() -> bool:
        said = cloud.openstack(f"metric measures show {number} -f value -c value", by="controller03")
        return "42.0" in said.split()

    until(is_there, PATIENCE)
    alarm = cloud.openstack(
        "alarm create --name probe --type gnocchi_aggregation_by_metrics_threshold --threshold 40 "
        f"--metric {number} --aggregation-method mean --comparison-operator ge --evaluation-periods 1 "
        "--granularity 300 -f value -c alarm_id"
    )
    remove(f"alarm delete {alarm}")
    assert cloud.openstack(f"alarm show {alarm} -f value -c name") == "probe"


def test_telemetry_hears_of_an_image(cloud: LabCloud, remove: Callable[[str], None]) -> None:
    needs(cloud, "ceilometer")
    number = cloud.openstack(
        "image create --disk-format raw --container-format bare heard -f value -c id", stdin=os.urandom(4096)
    )
    remove(f"image delete {number}")
    until(
        lambda: number in cloud.openstack("metric resource list --type image -f value -c id"),
        PATIENCE,
    )
