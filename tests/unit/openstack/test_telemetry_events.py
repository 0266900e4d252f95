"""Ceilometer's events go where somebody reads them: a queue without a reader grows for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import wanted_host

PATH = "/etc/ceilometer/event_pipeline.yaml"


@pytest.mark.parametrize(
    ("aodh", "publishers"), [(True, ["gnocchi://", "notifier://?topic=alarm.all"]), (False, ["gnocchi://"])]
)
def test_events_go_to_measures_and_where_there_are_alarms_to_these(aodh: bool, publishers: list[str]) -> None:
    cloud = CLOUDS["three-controllers"]
    services = tuple(name for name in cloud.services if aodh or name != "aodh")
    for host in cloud.hosts:
        files = {
            file.path: file
            for file in wanted_host(replace(cloud, services=services), host, secrets(cloud)).files
        }
        assert (PATH in files) == (host in cloud.with_role("controller"))
        if PATH in files:
            said = yaml.safe_load(files[PATH].content.reveal())
            assert [sink["publishers"] for sink in said["sinks"]] == [publishers]
