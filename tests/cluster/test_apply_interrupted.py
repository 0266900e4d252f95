"""Interrupted applies on a real cluster: the history shows each as what it is, and a rollback is exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from interrupted_applies import Campaign
from lab_handle import LabHandle

pytestmark = pytest.mark.cluster

#: Signals and power losses: in the lane `cluster`, and in campaigns.
QUICK, THOROUGH = (6, 1), (200, 20)


@pytest.fixture
def campaign(lab: LabHandle, tmp_path: Path) -> Iterator[Campaign]:
    made = Campaign(lab, tmp_path, seed=11)
    made.begin()
    yield made
    made.end()


def rounds(request: pytest.FixtureRequest) -> tuple[int, int]:
    return THOROUGH if request.config.getoption("thorough") else QUICK


def test_signals_leave_a_true_history_and_an_exact_rollback(
    campaign: Campaign, request: pytest.FixtureRequest
) -> None:
    for _ in range(rounds(request)[0]):
        campaign.signal_round()
    print(dict(campaign.found))
    assert not campaign.wrong


def test_power_losses_leave_a_true_history_and_an_exact_rollback(
    campaign: Campaign, request: pytest.FixtureRequest
) -> None:
    for _ in range(rounds(request)[1]):
        campaign.power_loss_round()
    print(dict(campaign.found))
    assert not campaign.wrong
