"""Putting the agents on a node: this machine, in a scratch folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from pacemaker_os.cli.agents import command
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.install import agents
from pacemaker_os.transport.local import LocalTransport

ROOT = Path(__file__).parents[3]


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(agents, "HOME", str(tmp_path / "lib"))
    monkeypatch.setattr(agents, "PROVIDER", str(tmp_path / "ocf" / "pacemaker-os"))
    monkeypatch.setattr(agents, "FENCING", str(tmp_path / "sbin"))
    return tmp_path


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="files are given to root, which only root can do")


def test_the_same_content_is_the_same_release() -> None:
    assert agents.release() == agents.release()


def test_the_executables_in_the_repository_are_those_that_are_installed() -> None:
    for name in agents.agent_names():
        assert (ROOT / "agents" / name).read_text() == agents.EXECUTABLE
    for name in agents.fencing_names():
        assert (ROOT / "agents" / name).read_text() == agents.FENCING_EXECUTABLE.format(name=name)


def test_installing(node: Path) -> None:
    wanted = agents.release()
    done = agents.install(LocalTransport(), wanted)
    assert done.changed
    provider = node / "ocf" / "pacemaker-os"
    assert sorted(path.name for path in provider.iterdir()) == agents.agent_names()
    said = subprocess.run(
        [provider / "redis", "meta-data"], capture_output=True, text=True, check=True
    ).stdout
    assert '<resource-agent name="redis"' in said
    kit = node / "lib" / wanted.name / "pacemaker_os" / "ocf"
    assert list((kit / "__pycache__").glob("agent.*.pyc"))
    assert not (node / "lib" / wanted.name / "pacemaker_os" / "cib").exists()


def test_the_fencer_finds_its_agents(node: Path) -> None:
    agents.install(LocalTransport(), agents.release())
    said = subprocess.run(
        [node / "sbin" / "fence_nova", "-o", "metadata"], capture_output=True, text=True, check=True
    ).stdout
    assert '<resource-agent name="fence_nova"' in said


def test_installing_again_does_nothing(node: Path) -> None:
    wanted = agents.release()
    agents.install(LocalTransport(), wanted)
    assert not agents.install(LocalTransport(), wanted).changed


def test_the_release_before_is_kept_and_older_ones_are_not(node: Path) -> None:
    for name in ("0.0.1-a", "0.0.2-b"):
        agents.install(LocalTransport(), agents.Release(name, agents.release().archive))
        os.utime(node / "lib" / name, (len(name), 1_000_000 + int(name[4])))
    wanted = agents.release()
    agents.install(LocalTransport(), wanted)
    assert sorted(path.name for path in (node / "lib").iterdir()) == sorted(
        ["0.0.2-b", wanted.name, "current"]
    )


def test_an_installation_that_was_cut_off_is_made_whole(node: Path) -> None:
    wanted = agents.release()
    (node / "lib" / f"{wanted.name}.new" / "pacemaker_os").mkdir(parents=True)
    (node / "lib" / wanted.name).mkdir()
    agents.install(LocalTransport(), wanted)
    assert (node / "ocf" / "pacemaker-os" / "galera").exists()


def test_the_agents_of_somebody_else_are_not_overwritten(node: Path) -> None:
    (node / "ocf" / "pacemaker-os").mkdir(parents=True)
    with pytest.raises(ClusterError, match="move it away first"):
        agents.install(LocalTransport(), agents.release())
    assert not (node / "lib").exists()


def test_a_fence_agent_of_somebody_else_is_not_overwritten(node: Path) -> None:
    (node / "sbin").mkdir()
    (node / "sbin" / "fence_nova").write_text("theirs")
    with pytest.raises(ClusterError, match=r"cannot install agents at '.*fence_nova'"):
        agents.install(LocalTransport(), agents.release())
    assert (node / "sbin" / "fence_nova").read_text() == "theirs"


def test_the_list() -> None:
    result = CliRunner().invoke(command, ["list"])
    assert [line.split()[0] for line in result.output.splitlines()] == [
        f"ocf:pacemaker-os:{name}" for name in agents.agent_names()
    ]


@pytest.mark.parametrize("name", agents.agent_names())
def test_the_description(name: str) -> None:
    result = CliRunner().invoke(command, ["metadata", name])
    assert result.output.startswith(f"ocf:pacemaker-os:{name} - ")
    assert "monitor" in result.output


def test_a_slip_of_the_finger() -> None:
    result = CliRunner().invoke(command, ["metadata", "galrea"])
    assert isinstance(result.exception, InputError)
    assert "did you mean 'galera'?" in str(result.exception)
