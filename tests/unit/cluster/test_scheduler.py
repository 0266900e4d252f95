"""A simulation that says nothing is no answer."""

from __future__ import annotations

import pytest
from small_cibs import cib

from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport

LOSE = ("crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe")
NOTHING = "<pacemaker-result><cluster_status/>{}<status code='0'/></pacemaker-result>"


def lose(printed: str, status: int = 0) -> None:
    fake = FakeTransport([Expect(LOSE, stdout=printed, status=status)])
    Scheduler(fake).lose(cib("x"), ["n1"], "/tmp/x", quorum=True)


def test_a_loss_without_the_state_afterwards_is_an_error() -> None:
    with pytest.raises(ClusterError):
        lose(NOTHING.format(""))


def test_a_loss_whose_actions_could_not_all_be_done_is_an_answer() -> None:
    lose(NOTHING.format("<actions/><revised_cluster_status/>"), status=1)
