"""Waiting: only when nothing is left, nothing is under way and the controller rests is a change through."""

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
class Moment:
    """What a cluster would say at one look."""

    actions: str = ""
    under_way: str = ""
    state: str = "S_IDLE"
    gone: bool = False


@dataclass
class Moments:
    """A transport to a cluster that passes from moment to moment, one a look; the last one stays."""

    left: list[Moment]
    name: str = "moments"
    now: Moment = field(default_factory=Moment)

    def run(self, argv: Sequence[str], **options: Any) -> Result:
        match argv[0]:
            case "cibadmin":
                self.now = self.left.pop(0) if len(self.left) > 1 else self.left[0]
                if self.now.gone:
                    raise TransportError("the node is gone")
                text = (
                    '<cib epoch="1" dc-uuid="1"><configuration><nodes><node id="1" uname="n1"/></nodes>'
                    '</configuration><status><node_state id="1" uname="n1" crmd="online"><lrm><lrm_resources>'
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


def looks(*moments: Moment, options: Mapping[str, float] = {"pace": 0.01}) -> list[Progress]:
    transport = Moments(list(moments))
    cluster = Cluster(LiveStore(transport), Scheduler(transport), transport, live=True)
    return list(watch(cluster, **options))


def test_idle_this_instant_is_not_settled() -> None:
    """Right after a push the controller may rest because it has not noticed yet."""
    found = looks(Moment(START), Moment(START, state="S_TRANSITION_ENGINE"), Moment("", PENDING), Moment())
    assert [each.settled for each in found] == [False, False, False, False, True]
    assert found[2].running == ("start vip on n1",)


def test_one_rest_between_two_transitions_is_not_settled() -> None:
    found = looks(Moment(), Moment(START, state="S_TRANSITION_ENGINE"), Moment(), Moment())
    assert [each.settled for each in found] == [False, False, False, True]


def test_busy_controller_is_waited_for() -> None:
    found = looks(Moment(state="S_POLICY_ENGINE"), Moment(state="S_POLICY_ENGINE"), Moment())
    assert [each.settled for each in found] == [False, False, False, True]


def test_what_was_left_anyway_is_not_waited_for() -> None:
    transport = Moments([Moment(START)])
    cluster = Cluster(LiveStore(transport), Scheduler(transport), transport, live=True)
    found = list(watch(cluster, pending_keys={("start", "vip", "", "n1", "")}, pace=0.01))
    assert [each.settled for each in found] == [False, True]


def test_what_is_blocked_is_not_waited_for() -> None:
    assert looks(Moment(BLOCKED), Moment(BLOCKED))[-1].settled


def test_work_left_while_the_controller_rests_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "STALLED_AFTER", 0.05)
    found = looks(Moment(START))
    assert found[-1].stalled
    assert not found[-1].settled
    assert [action.resource for action in found[-1].actions] == ["vip"]


def test_blindness_is_borne_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(Moment(), Moment(gone=True), Moment(gone=True), Moment())[-1].settled
    monkeypatch.setattr(wait, "BLIND", 0.05)
    with pytest.raises(TransportError, match="gone"):
        looks(Moment(gone=True))
