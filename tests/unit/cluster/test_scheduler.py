"""A simulation that says nothing is no answer."""

from __future__ import annotations

import pytest
from small_cibs import cib

from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport

LOSE = ("crm_simulate", "--simulate", "--output-as=xml", "--xml-pipe")
NOTHING = "<pacemaker-result><cluster_status/>{}<status code='0'/></pacemaker-result>"


def empty(features: str, schema: str = "pacemaker-3.9") -> Expect:
    """What the tools here would begin with."""
    return Expect(
        ("cibadmin", "--empty"), stdout=f'<cib crm_feature_set="{features}" validate-with="{schema}"/>'
    )


def lose(printed: str, *more: Expect, status: int = 0) -> None:
    fake = FakeTransport([Expect(LOSE, stdout=printed, status=status), *more])
    Scheduler(fake).simulate_failure(cib("x"), ["n1"], "/tmp/x", quorum=True)


def test_a_loss_without_the_state_afterwards_is_an_error() -> None:
    with pytest.raises(ClusterError) as caught:
        lose(NOTHING.format(""), empty("3.16.1"))
    assert caught.value.code == "not-simulated"


@pytest.mark.parametrize("tools", [empty("3.9.9"), empty("3.16.0"), empty("3.16.1", "pacemaker-3.8")])
def test_what_a_newer_pacemaker_wrote_is_not_for_older_tools(tools: Expect) -> None:
    with pytest.raises(ClusterError, match=r"newer Pacemaker \(feature set 3\.16\.1.*--ssh") as caught:
        lose("", tools, status=134)
    assert caught.value.code == "newer-pacemaker"


def test_where_nobody_says_how_old_the_tools_are_their_own_words_are_told() -> None:
    with pytest.raises(ClusterError, match=r"cannot work with this configuration \(crm_simulate, 134\)"):
        lose("", Expect(("cibadmin", "--empty"), status=1), status=134)


def test_a_loss_whose_actions_could_not_all_be_done_is_an_answer() -> None:
    lose(NOTHING.format("<actions/><revised_cluster_status/>"), status=1)
