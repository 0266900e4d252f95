"""The settings of an evacuation engine whose release is replaced while it runs."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from pacemaker_os.agents.nova_evacuate import settings
from pacemaker_os.agents.nova_evacuate.agent import NovaEvacuate
from pacemaker_os.ocf.testing import World


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of an engine of an earlier release."""
    path = tmp_path / "settings"
    path.write_text(json.dumps({"at_once": 20, "code": "1 /usr/lib/earlier"}))
    monkeypatch.setattr(NovaEvacuate, "state_file", lambda self, kind: str(tmp_path / kind))
    return path


@pytest.mark.parametrize("name", ["at_once", "max_concurrent"])
def test_renewed_settings_have_the_former_names_too(path: Path, name: str) -> None:
    """The earlier engine completes a poll cycle with these settings; defaults could exceed the limits."""
    World().agent(NovaEvacuate, "monitor", parameters={name: "7", "credentials": "/etc/cloud.conf"}).renew()
    values = json.loads(path.read_text())
    assert values["at_once"] == values["max_concurrent"] == 7
    assert values["credentials"] == values["credentials_file"] == "/etc/cloud.conf"
    assert settings.read(str(path)).max_concurrent == 7


def test_former_names_of_settings_are_complete(path: Path) -> None:
    World().agent(NovaEvacuate, "monitor").renew()
    former = {each.renamed_from for each in NovaEvacuate.parameters() if each.renamed_from}
    names = {field.name for field in fields(settings.Settings)}
    assert json.loads(path.read_text()).keys() == names | former
