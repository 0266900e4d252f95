"""Ceilometer publishes events only where something consumes them; other queues would grow without limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from clouds import CLOUDS, desired

PATH = "/etc/ceilometer/event_pipeline.yaml"


@pytest.mark.parametrize(
    ("aodh", "publishers"), [(True, ["gnocchi://", "notifier://?topic=alarm.all"]), (False, ["gnocchi://"])]
)
def test_event_pipeline_publishes_to_deployed_services(aodh: bool, publishers: list[str]) -> None:
    cloud = CLOUDS["three-controllers"]
    services = tuple(name for name in cloud.services if aodh or name != "aodh")
    cloud = replace(cloud, services=services)
    for host in cloud.hosts:
        files = {file.path: file for file in desired(cloud, host).files}
        assert (PATH in files) == (host in cloud.with_role("controller"))
        if PATH in files:
            pipeline = yaml.safe_load(files[PATH].content.reveal())
            assert [sink["publishers"] for sink in pipeline["sinks"]] == [publishers]
