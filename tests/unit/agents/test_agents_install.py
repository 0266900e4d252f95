"""Installing the agents on a node: this host, in a scratch directory."""

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


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can change the owner of files")


def test_release_depends_on_content_only() -> None:
    assert agents.release() == agents.release()


def test_executables_in_repository_match_installed_ones() -> None:
    for name in agents.agent_names():
        assert (ROOT / "agents" / name).read_text() == agents.EXECUTABLE
    for name in agents.fencing_names():
        assert (ROOT / "agents" / name).read_text() == agents.FENCING_EXECUTABLE.format(name=name)


def test_install_creates_release_and_links(node: Path) -> None:
    release = agents.release()
    done = agents.install(LocalTransport(), release)
    assert done.changed
    provider = node / "ocf" / "pacemaker-os"
    assert sorted(path.name for path in provider.iterdir()) == agents.agent_names()
    output = subprocess.run(
        [provider / "redis", "meta-data"], capture_output=True, text=True, check=True
    ).stdout
    assert '<resource-agent name="redis"' in output
    kit = node / "lib" / release.name / "pacemaker_os" / "ocf"
    assert list((kit / "__pycache__").glob("agent.*.pyc"))
    assert not (node / "lib" / release.name / "pacemaker_os" / "cib").exists()


def test_install_links_fence_agents(node: Path) -> None:
    agents.install(LocalTransport(), agents.release())
    output = subprocess.run(
        [node / "sbin" / "fence_nova", "-o", "metadata"], capture_output=True, text=True, check=True
    ).stdout
    assert '<resource-agent name="fence_nova"' in output


def test_install_again_changes_nothing(node: Path) -> None:
    release = agents.release()
    agents.install(LocalTransport(), release)
    assert not agents.install(LocalTransport(), release).changed


def test_install_keeps_previous_release_only(node: Path) -> None:
    for name in ("0.0.1-a", "0.0.2-b"):
        agents.install(LocalTransport(), agents.Release(name, agents.release().archive))
        os.utime(node / "lib" / name, (len(name), 1_000_000 + int(name[4])))
    release = agents.release()
    agents.install(LocalTransport(), release)
    assert sorted(path.name for path in (node / "lib").iterdir()) == sorted(
        ["0.0.2-b", release.name, "current"]
    )


def test_install_completes_interrupted_installation(node: Path) -> None:
    release = agents.release()
    (node / "lib" / f"{release.name}.new" / "pacemaker_os").mkdir(parents=True)
    (node / "lib" / release.name).mkdir()
    agents.install(LocalTransport(), release)
    assert (node / "ocf" / "pacemaker-os" / "galera").exists()


def test_install_foreign_provider_is_not_overwritten(node: Path) -> None:
    (node / "ocf" / "pacemaker-os").mkdir(parents=True)
    with pytest.raises(ClusterError, match="move it away first"):
        agents.install(LocalTransport(), agents.release())
    assert not (node / "lib").exists()


def test_install_foreign_fence_agent_is_not_overwritten(node: Path) -> None:
    (node / "sbin").mkdir()
    (node / "sbin" / "fence_nova").write_text("theirs")
    with pytest.raises(ClusterError, match=r"cannot install agents at '.*fence_nova'"):
        agents.install(LocalTransport(), agents.release())
    assert (node / "sbin" / "fence_nova").read_text() == "theirs"


def test_list_prints_all_agents() -> None:
    result = CliRunner().invoke(command, ["list"])
    assert [line.split()[0] for line in result.output.splitlines()] == [
        f"ocf:pacemaker-os:{name}" for name in agents.agent_names()
    ]


@pytest.mark.parametrize("name", agents.agent_names())
def test_metadata_prints_description(name: str) -> None:
    result = CliRunner().invoke(command, ["metadata", name])
    assert result.output.startswith(f"ocf:pacemaker-os:{name} - ")
    assert "monitor" in result.output


def test_metadata_unknown_agent_suggests_a_name() -> None:
    result = CliRunner().invoke(command, ["metadata", "galrea"])
    assert isinstance(result.exception, InputError)
    assert "did you mean 'galera'?" in str(result.exception)
