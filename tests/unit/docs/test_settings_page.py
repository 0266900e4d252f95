"""The page of settings says of each what it is, and whom it is for."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "docs"))

from generate.settings import EVERYBODY, page, used_by

from pacemaker_os.openstack.settings import SETTINGS

#: Settings that are for no service of their own.
ALIKE = {"node_action_limit", "fencing", "monitor_interval", "remote_timeout", "tls_ca"}


def test_every_setting_is_on_it_with_whom_it_is_for() -> None:
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    assert set(rows) == set(SETTINGS)
    assert {name for name, line in rows.items() if f"| {EVERYBODY} |" in line} == ALIKE | {"tls"}


def test_services_are_found_in_templates_conditions_and_mounts() -> None:
    found = used_by()
    assert found["image_nfs_export"] == ["glance"]
    assert found["virt_type"] == ["nova-compute"]
    assert {"cinder", "nova"} <= set(found["workers"])
    assert set(found["network_agent"]) == {"neutron", "neutron-agents", "openvswitch"}


def test_every_setting_has_words_or_says_what_it_takes() -> None:
    assert [
        name for name, setting in SETTINGS.items() if bool(setting.choices) == bool(setting.value_type)
    ] == []
