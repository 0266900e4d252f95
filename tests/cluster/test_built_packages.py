"""The Debian packages: built, checked by lintian, installed, used and removed on Debian 13.

This takes minutes, mainly to install packages: ./run-tests campaign -k packages
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pacemaker_os.transport.base import Result
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = [pytest.mark.cluster, pytest.mark.campaign]

ROOT = Path(__file__).parents[2]
NAME = "pcs-os-packages"

TOOLS = (
    "build-essential",
    "debhelper",
    "dh-python",
    "lintian",
    "pybuild-plugin-pyproject",
    "python3-all",
    "python3-setuptools",
)

#: What lintian says of a licence that nobody has chosen yet, and of a fence agent that only Pacemaker runs.
KNOWN = ("copyright-without-copyright-notice", "no-manual-page [usr/sbin/fence_nova]")

PACKAGES = ("pacemaker-os", "pacemaker-os-agents")

#: Paths that must not exist after the removal.
PATHS = (
    "/usr/bin/pcs-os",
    "/usr/lib/ocf/resource.d/pacemaker-os",
    "/usr/lib/pacemaker-os",
    "/usr/lib/python3/dist-packages/pacemaker_os",
    "/usr/share/bash-completion/completions/pcs-os.bash",
    "/usr/share/man/man1/pcs-os.1.gz",
    "/usr/share/pacemaker-os",
)


class Machine:
    """A container with Debian 13 and Pacemaker that can install packages."""

    def __init__(self) -> None:
        self.transport = ContainerTransport(NAME)

    def run(self, *line: str, ok: tuple[int, ...] = (0,)) -> Result:
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        done = self.transport.run(line, env=environment, timeout=1200, ok=())
        assert done.status in ok, f"{line}: {done.status}\n{done.text[-3000:]}\n{done.error_text[-3000:]}"
        return done

    def left(self) -> list[str]:
        """Return the existing paths."""
        return [path for path in PATHS if not self.run("test", "-e", path, ok=(0, 1)).status]


@pytest.fixture(scope="module")
def machine(engine: DockerClient) -> Iterator[Machine]:
    """A container that is not part of a cluster, with the sources in /src."""
    from docker.errors import NotFound

    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.lab.image import ensure_image

    image = ensure_image(engine, "node", "trixie", step_printer())

    def remove() -> None:
        try:
            engine.containers.get(NAME).remove(force=True, v=True)
        except NotFound:
            return

    remove()
    try:
        container = engine.containers.run(
            image, ["sleep", "infinity"], name=NAME, detach=True, network_mode="host", init=True
        )
        container.put_archive("/", sources())
        made = Machine()
        # Nodes resolve names with /etc/hosts only; this container also needs DNS.
        made.run("sed", "-i", "s/^hosts:.*/hosts: files dns/", "/etc/nsswitch.conf")
        # Nodes exclude manual pages and files that lintian requires.
        made.run("rm", "-f", "/etc/dpkg/dpkg.cfg.d/pacemaker-os")
        made.run("apt-get", "-qq", "update")
        yield made
    finally:
        remove()


def sources() -> bytes:
    """Return an archive of the files in git, below src/."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in filter(None, listed.decode().split("\0")):
            if (ROOT / name).is_file():
                archive.add(ROOT / name, f"src/{name}")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def built(machine: Machine) -> list[str]:
    """Return the paths of the packages."""
    machine.run("apt-get", "-qq", "-y", "install", "--no-install-recommends", *TOOLS)
    return machine.run("/src/packaging/build-deb", "/debs").text.split()[-2:]


def test_lintian_reports_only_known_tags(machine: Machine, built: list[str]) -> None:
    assert len(built) == 2
    output = machine.run(
        "lintian", "--allow-root", "--fail-on", "none", "--tag-display-limit", "0", *built
    ).text
    found = [line for line in output.splitlines() if line[:2] in ("E:", "W:")]
    assert [line for line in found if not any(known in line for known in KNOWN)] == []


def test_packages_are_installed_used_and_removed(machine: Machine, built: list[str]) -> None:
    assert machine.left() == []
    machine.run("apt-get", "-qq", "-y", "install", "--no-install-recommends", *built)
    try:
        assert machine.left() == list(PATHS)
        shipped = "/usr/share/pacemaker-os/cib/quickstart.cib.yaml"
        assert machine.run("pcs-os", "--version").text.startswith("pcs-os")
        assert "10 objects" in machine.run("pcs-os", "validate", shipped).text
        assert (
            "Done: 10 added"
            in machine.run("pcs-os", "apply", "--yes", "--cib-file", "/tmp/c.xml", shipped).text
        )
        assert "No changes" in machine.run("pcs-os", "plan", "--cib-file", "/tmp/c.xml", shipped).text
        offered = 'source "$1"; complete -p pcs-os'
        completion = "/usr/share/bash-completion/completions/pcs-os.bash"
        assert "pcs-os" in machine.run("bash", "-c", offered, "bash", completion).text

        agent = "/usr/lib/ocf/resource.d/pacemaker-os/redis"
        assert '<resource-agent name="redis"' in machine.run(agent, "meta-data").text
        assert "ocf:pacemaker-os:redis" in machine.run("pcs-os", "agents", "list").text
        # The package already contains what `agents install` would install.
        again = machine.run("pcs-os", "agents", "install").text
        current = machine.run("readlink", "/usr/lib/pacemaker-os/current").text.strip()
        assert current in again
    finally:
        machine.run("apt-get", "-qq", "-y", "purge", *PACKAGES)
    assert machine.left() == []
    listed = machine.run(
        "dpkg-query", "--show", "--showformat", "${db:Status-Status}\n", *PACKAGES, ok=(0, 1)
    )
    assert "installed" not in listed.text.split()
