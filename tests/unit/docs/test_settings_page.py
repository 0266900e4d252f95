"""The page of settings: types, and the services that use each setting."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "docs"))

from generate.settings import ALL_SERVICES, page, used_by

from pacemaker_os.openstack.settings import SETTINGS

#: Settings that no service definition uses.
GENERAL = {"node_action_limit", "fencing", "monitor_interval", "remote_timeout", "tls_ca"}


def test_page_lists_every_setting_with_its_services() -> None:
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    assert set(rows) == set(SETTINGS)
    assert {name for name, line in rows.items() if f"| {ALL_SERVICES} |" in line} == GENERAL | {"tls"}


def test_used_by_finds_settings_in_templates_conditions_and_mounts() -> None:
    found = used_by()
    assert found["image_nfs_export"] == ["glance"]
    assert found["virt_type"] == ["nova-compute"]
    assert {"cinder", "nova"} <= set(found["workers"])
    assert set(found["network_agent"]) == {"neutron", "neutron-agents", "openvswitch"}


def test_setting_has_either_choices_or_a_type() -> None:
    assert [
        name for name, setting in SETTINGS.items() if bool(setting.choices) == bool(setting.value_type)
    ] == []
