"""Every node is contacted before anything is changed; what is wrong is told with the node's line."""

from pathlib import Path

import pytest
from small_deployment import TEXT

from pacemaker_os.cluster.setup.topology import TopologyNode
from pacemaker_os.errors import InputError, TransportError
from pacemaker_os.install.deploy import open_deployment
from pacemaker_os.transport.fake import Expect, FakeTransport

HERE = ("hostname", "-I")


def reach(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    nodes: dict[str, Expect],
    *,
    text: str = TEXT,
    files: dict[str, Expect] | None = None,
) -> list[tuple[int, str]]:
    """Open a deployment whose nodes answer as said; return the lines and codes of what is refused."""

    def fake(node: TopologyNode) -> FakeTransport:
        answers = [nodes[node.name], *([files[node.name]] if files else [])]
        return FakeTransport(answers, name=node.name)

    monkeypatch.setattr(TopologyNode, "open", fake)
    path = folder / "cloud.yaml"
    path.write_text(text)
    try:
        with open_deployment(str(path), lambda event: None, keep_secrets=False):
            return []
    except InputError as error:
        return [(problem.line, problem.code) for problem in error.problems]


def answers(**other: Expect) -> dict[str, Expect]:
    usual = {"controller01": 11, "controller02": 12, "controller03": 13, "compute01": 51}
    return {name: Expect(HERE, stdout=f"192.0.2.{last} fe80::1\n") for name, last in usual.items()} | other


def test_nodes_that_are_there_are_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert reach(monkeypatch, tmp_path, answers()) == []


def test_every_node_that_does_not_answer_is_told_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = Expect(HERE, raises=TransportError("no route"))
    found = reach(monkeypatch, tmp_path, answers(controller02=gone, compute01=gone))
    assert found == [(5, "unreachable"), (7, "unreachable")]
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.yaml"]


def test_a_node_with_another_address_is_another_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = Expect(HERE, stdout="192.0.2.77\n")
    assert reach(monkeypatch, tmp_path, answers(controller03=other)) == [(6, "foreign-address")]


def test_what_only_the_operator_has_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A certificate for the hosts that have haproxy, its authority for all; of one both are missing."""
    pem, authority = "/etc/haproxy/cloud.pem", "/etc/ssl/certs/ca-certificates.crt"
    both, one = ("stat", "--format=%n", "--", pem, authority), ("stat", "--format=%n", "--", authority)
    here = Expect(both, stdout=f"{pem}\n{authority}\n")
    files = {
        "controller01": here,
        "controller02": Expect(both, status=1),
        "controller03": here,
        "compute01": Expect(one, stdout=f"{authority}\n"),
    }
    text = TEXT.replace('workers: "1"', 'workers: "1", tls: "yes"')
    assert reach(monkeypatch, tmp_path, answers(), text=text, files=files) == [(5, "no-file")]
