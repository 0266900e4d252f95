"""Checks of all nodes before a deployment changes anything."""

from pathlib import Path

import pytest
from small_deployment import TEXT

from pacemaker_os.cluster.setup.topology import TopologyNode
from pacemaker_os.errors import InputError, TransportError
from pacemaker_os.install.deploy import open_deployment
from pacemaker_os.transport.fake import Expect, FakeTransport

COMMAND = ("hostname", "-I")


def problems(
    monkeypatch: pytest.MonkeyPatch,
    directory: Path,
    nodes: dict[str, Expect],
    *,
    text: str = TEXT,
    files: dict[str, Expect] | None = None,
) -> list[tuple[int, str]]:
    """Open a deployment with scripted nodes; return the line and code of each problem."""

    def fake(node: TopologyNode) -> FakeTransport:
        script = [nodes[node.name], *([files[node.name]] if files else [])]
        return FakeTransport(script, name=node.name)

    monkeypatch.setattr(TopologyNode, "open", fake)
    path = directory / "cloud.yaml"
    path.write_text(text)
    try:
        with open_deployment(str(path), lambda event: None, keep_secrets=False):
            return []
    except InputError as error:
        return [(problem.line, problem.code) for problem in error.problems]


def responses(**changed: Expect) -> dict[str, Expect]:
    hosts = {"controller01": 11, "controller02": 12, "controller03": 13, "compute01": 51}
    return {
        name: Expect(COMMAND, stdout=f"192.0.2.{last} fe80::1\n") for name, last in hosts.items()
    } | changed


def test_open_deployment_connects_to_all_nodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert problems(monkeypatch, tmp_path, responses()) == []


def test_open_deployment_reports_all_unreachable_nodes_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unreachable = Expect(COMMAND, raises=TransportError("no route"))
    found = problems(monkeypatch, tmp_path, responses(controller02=unreachable, compute01=unreachable))
    assert found == [(5, "unreachable"), (7, "unreachable")]
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.yaml"]


def test_open_deployment_rejects_node_with_different_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Expect(COMMAND, stdout="192.0.2.77\n")
    assert problems(monkeypatch, tmp_path, responses(controller03=other)) == [(6, "foreign-address")]


def test_open_deployment_reports_missing_operator_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hosts with haproxy need a certificate, and all hosts its CA; one host lacks both."""
    pem, authority = "/etc/haproxy/cloud.pem", "/etc/ssl/certs/ca-certificates.crt"
    both, one = ("stat", "--format=%n", "--", pem, authority), ("stat", "--format=%n", "--", authority)
    complete = Expect(both, stdout=f"{pem}\n{authority}\n")
    files = {
        "controller01": complete,
        "controller02": Expect(both, status=1),
        "controller03": complete,
        "compute01": Expect(one, stdout=f"{authority}\n"),
    }
    text = TEXT.replace('workers: "1"', 'workers: "1", tls: "yes"')
    assert problems(monkeypatch, tmp_path, responses(), text=text, files=files) == [(5, "no-file")]
