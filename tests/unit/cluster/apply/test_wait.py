"""Waiting: a cluster has settled when no action is pending or in progress and the controller is idle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pacemaker_os.cluster.apply import wait
from pacemaker_os.cluster.apply.wait import Progress, watch
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.errors import TransportError
from pacemaker_os.transport.base import Result

START = '<rsc_action action="start" resource="vip" node="n1"/>'
BLOCKED = '<rsc_action action="start" resource="vip" node="n1" blocked="true" reason="no quorum"/>'
PENDING = '<lrm_resource id="vip"><lrm_rsc_op id="o" operation="start" op-status="-1"/></lrm_resource>'


@dataclass(frozen=True)
class Poll:
    """The responses of a cluster during one poll."""

    actions: str = ""
    under_way: str = ""
    state: str = "S_IDLE"
    gone: bool = False


@dataclass
class Responses:
    """A transport to a cluster with other responses in each poll; the last ones stay."""

    polls: list[Poll]
    name: str = "moments"
    now: Poll = field(default_factory=Poll)

    def run(self, argv: Sequence[str], **options: Any) -> Result:
        match argv[0]:
            case "cibadmin":
                self.now = self.polls.pop(0) if len(self.polls) > 1 else self.polls[0]
                if self.now.gone:
                    raise TransportError("the node is gone")
                text = (
                    '<cib epoch="1" dc-uuid="1"><configuration><nodes><node id="1" uname="n1"/></nodes>'
                    '</configuration><status><node_state id="1" crmd="1796061159"><lrm><lrm_resources>'
                    f"{self.now.under_way}</lrm_resources></lrm></node_state></status></cib>"
                )
            case "crm_simulate":
                actions = f"<actions>{self.now.actions}</actions>"
                text = f"<pacemaker-result><cluster_status/>{actions}</pacemaker-result>"
            case "crmadmin":
                assert "--status=n1" in argv
                text = f'<pacemaker-result><crmd state="{self.now.state}"/></pacemaker-result>'
            case _:
                raise AssertionError(argv)
        return Result(tuple(argv), 0, text.encode(), b"", 0.0)

    def put(self, data: object, path: str, **options: object) -> None: ...
    def get(self, path: str, **options: object) -> bytes:
        return b""

    def close(self) -> None: ...


def polls(*moments: Poll, options: Mapping[str, float] = {"interval": 0.01}) -> list[Progress]:
    transport = Responses(list(moments))
    cluster = Cluster(LiveStore(transport), Scheduler(transport), transport, live=True)
    return list(watch(cluster, **options))


def test_idle_controller_with_pending_actions_is_not_settled() -> None:
    """Right after a push, the controller is idle until it notices the change."""
    found = polls(Poll(START), Poll(START, state="S_TRANSITION_ENGINE"), Poll("", PENDING), Poll())
    assert [each.settled for each in found] == [False, False, False, False, True]
    assert found[2].running == ("start vip on n1",)


def test_idle_controller_between_two_transitions_is_not_settled() -> None:
    found = polls(Poll(), Poll(START, state="S_TRANSITION_ENGINE"), Poll(), Poll())
    assert [each.settled for each in found] == [False, False, False, True]


def test_busy_controller_is_not_settled() -> None:
    found = polls(Poll(state="S_POLICY_ENGINE"), Poll(state="S_POLICY_ENGINE"), Poll())
    assert [each.settled for each in found] == [False, False, False, True]


def test_already_pending_actions_are_not_waited_for() -> None:
    transport = Responses([Poll(START)])
    cluster = Cluster(LiveStore(transport), Scheduler(transport), transport, live=True)
    found = list(watch(cluster, pending_keys={("start", "vip", "", "n1", "")}, interval=0.01))
    assert [each.settled for each in found] == [False, True]


def test_blocked_actions_are_not_waited_for() -> None:
    assert polls(Poll(BLOCKED), Poll(BLOCKED))[-1].settled


def test_pending_actions_with_an_idle_controller_are_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "STALLED_AFTER", 0.05)
    found = polls(Poll(START))
    assert found[-1].stalled
    assert not found[-1].settled
    assert [action.resource for action in found[-1].actions] == ["vip"]


def test_failed_queries_are_retried_until_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    assert polls(Poll(), Poll(gone=True), Poll(gone=True), Poll())[-1].settled
    monkeypatch.setattr(wait, "RETRY_TIMEOUT", 0.05)
    with pytest.raises(TransportError, match="gone"):
        polls(Poll(gone=True))
