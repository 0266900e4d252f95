"""Evacuation of forty instances: nova-evacuate compared with Masakari."""

from __future__ import annotations

import pytest
from evacuation import EVACUATION_TIMEOUT, Drill
from lab_cloud import LabCloud
from masakari import masakari_running
from nova_client import Nova

pytestmark = pytest.mark.cluster


def test_evacuation_is_faster_than_with_masakari(cloud: LabCloud, nova: Nova, drill: Drill) -> None:
    """Same cluster and same run: from one node to the other, and back."""
    if cloud.content["release"] != "zed":
        pytest.skip("fixes for Masakari are only known for Debian 12")
    drill.fail()
    drill.run_to_completion("killed")
    nova_evacuate = drill.times
    with masakari_running(cloud, nova):
        drill = Drill(cloud, nova, drill.uuids)
        drill.fail()
        drill.wait_until_moved({}, EVACUATION_TIMEOUT)
        masakari = drill.times
    # The failed node is back, so its records are available.
    drill.print_times("killed, Masakari instead")
    assert nova_evacuate.last_active is not None
    assert masakari.last_active is not None
    assert nova_evacuate.last_active < masakari.last_active
