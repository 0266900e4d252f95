"""Connections to the other nodes of a cluster."""

from __future__ import annotations

import pytest

from pacemaker_os.cluster.store import peers
from pacemaker_os.cluster.store.peers import Peer, connect_peers
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import TransportError
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.fake import Expect, FakeTransport


def connected(*names: str) -> FakeTransport:
    """Return the transport to n1, the first of the nodes."""
    lines = "".join(f"{number} {name} member\n" for number, name in enumerate(names, 1))
    listed = [Expect(("crm_node", "--name"), stdout="n1\n"), Expect(("crm_node", "--list"), stdout=lines)]
    return FakeTransport(listed)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        (Target(container="lab-n1"), {"container": "lab-n2"}),
        (Target(ssh="root@n1"), {"ssh": "root@n2"}),
        (Target(), {"ssh": "n2"}),
    ],
    ids=["container", "ssh", "local"],
)
def test_peer_is_reached_like_the_connected_node(
    monkeypatch: pytest.MonkeyPatch, target: Target, options: dict[str, str]
) -> None:
    opened: list[dict[str, str]] = []
    other = FakeTransport([Expect(("true",))])

    def open_transport(**given: str) -> Transport:
        opened.append(given)
        return other

    monkeypatch.setattr(peers, "open_transport", open_transport)
    own = connected("n1", "n2")
    assert connect_peers(own, target) == [Peer("n1", own), Peer("n2", other)]
    assert opened == [options]
    other.finish()


def test_unreachable_peer_has_the_error_instead_of_a_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_transport(**given: str) -> Transport:
        raise TransportError("n2 is unreachable")

    monkeypatch.setattr(peers, "open_transport", open_transport)
    found = connect_peers(connected("n1", "n2"), Target(ssh="n1"))
    assert (found[1].transport, found[1].why) == (None, "n2 is unreachable")


def test_container_with_another_name_is_an_error() -> None:
    found = connect_peers(connected("n1", "n2"), Target(container="web"))
    assert found[1].why == "cannot derive the container of node 'n2' from 'web'"


def test_peer_that_left_the_cluster_is_not_tried_for_members_only() -> None:
    lines = "1 n1 member\n2 n2 lost\n"
    own = FakeTransport(
        [Expect(("crm_node", "--name"), stdout="n1\n"), Expect(("crm_node", "--list"), stdout=lines)]
    )
    found = connect_peers(own, Target(ssh="n1"), only_members=True)
    assert found[1] == Peer("n2", None, "the node has left the cluster")
