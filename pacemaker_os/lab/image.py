"""Node images: layers that are built from recipes and tagged with the hash of their recipe.

    base     debootstrap: Debian with systemd                  (containers/base)
    node     Pacemaker, corosync, pcs, agents                  (containers/node)
    remote   pacemaker_remote instead of Pacemaker             (containers/remote)
    services a node with databases, message broker and caches  (containers/services)
    openstack a node with all packages of OpenStack            (containers/openstack)
    compute  a remote node with the packages of a hypervisor   (containers/compute)

Each layer names its base. The hash covers the recipe of the layer and those of all layers below it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.errors import LabError
from pacemaker_os.lab.releases import KEYRING
from pacemaker_os.lab.sources import Sources, read_sources
from pacemaker_os.transport.local import LocalTransport

if TYPE_CHECKING:
    from docker import DockerClient

BASE = "base"

#: The base of each layer.
LAYERS = {"node": BASE, "remote": "node", "services": "node", "openstack": "node", "compute": "remote"}

LABEL_IMAGE = "pacemaker-os.image"

_REPOSITORY = "pacemaker-os/{}"
_SCRIPTS = Path("/usr/share/debootstrap/scripts")

#: Timeout of debootstrap, in seconds: enough for a slow machine and a slow archive.
_TIMEOUT = 1800.0


def ensure_image(client: DockerClient, layer: str, release: str, progress: Progress) -> str:
    """Return the tag of an image; build it first if it does not exist or its recipe changed."""
    from docker.errors import ImageNotFound

    tag = image_tag(layer, release)
    try:
        client.images.get(tag)
    except ImageNotFound:
        below = LAYERS.get(layer)
        if below is None:
            with progress.step(f"build image '{layer}' of {release} with debootstrap"):
                _build_base(client, tag, release)
        else:
            base = ensure_image(client, below, release, progress)
            with progress.step(f"build image '{layer}' of {release}"):
                _build_layer(client, tag, layer, base)
        _remove_older(client, tag)
    return tag


def image_tag(layer: str, release: str) -> str:
    """Return the tag of an image, which ends with the hash of its recipe."""
    return f"{_REPOSITORY.format(layer)}:{release}-{_recipe_hash(layer)}"


def recipes() -> Path:
    """Return the directory containers/ of the repository."""
    directory = Path(__file__).resolve().parents[2] / "containers"
    if not directory.is_dir():
        raise LabError(
            f"cannot build node images: '{directory}' does not exist; run pcs-os from its source repository",
            code="no-image-sources",
        )
    return directory


def _recipe_hash(layer: str) -> str:
    digest = hashlib.sha256(_recipe_hash(LAYERS[layer]).encode() if layer in LAYERS else b"")
    directory = recipes() / layer
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(directory)} {path.stat().st_mode & 0o111:o}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _build_base(client: DockerClient, tag: str, release: str) -> None:
    machine = LocalTransport()
    if shutil.which("debootstrap") is None:
        raise LabError(
            "cannot build node images: debootstrap is not installed; run `apt-get install debootstrap`"
        )
    sources = read_sources(machine)
    with tempfile.TemporaryDirectory(prefix="pcs-os-base-", dir="/var/tmp") as root:
        env = {"http_proxy": sources.proxy} if sources.proxy else {}
        machine.run(_debootstrap_line(release, root, sources), env=env, timeout=_TIMEOUT)
        _add_files(Path(root), release, sources)
        _import(client, root, tag)


def _debootstrap_line(release: str, root: str, sources: Sources) -> list[str]:
    packages = ",".join((recipes() / BASE / "packages").read_text().split())
    line = ["debootstrap", "--variant=minbase", f"--include={packages}"]
    if Path(KEYRING).exists():
        line.append(f"--keyring={KEYRING}")
    line += [release, root, sources.mirror or ""]
    if not (_SCRIPTS / release).exists():
        # An older debootstrap does not know the release; the script of sid works for all releases.
        line.append(str(_SCRIPTS / "sid"))
    return line


def _add_files(root: Path, release: str, sources: Sources) -> None:
    """Add the files of the base recipe to the new system, and remove what nodes do not need."""
    shutil.copytree(recipes() / BASE / "files", root, dirs_exist_ok=True)
    lines = sources.apt_lines(release)
    if lines is not None:
        (root / "etc/apt/sources.list").write_text(lines)
    if sources.proxy:
        setting = f'Acquire::http::Proxy "{sources.proxy}";\n'
        (root / "etc/apt/apt.conf.d/91proxy").write_text(setting)
    for unneeded in ("doc", "info", "man", "locale", "lintian"):
        shutil.rmtree(root / "usr/share" / unneeded, ignore_errors=True)
    for directory in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / directory, ignore_errors=True)
        (root / directory / "partial").mkdir(parents=True)
    # Each node generates its own machine ID at its first boot.
    (root / "etc/machine-id").write_text("")


def _import(client: DockerClient, root: str, tag: str) -> None:
    repository, _, version = tag.partition(":")
    with subprocess.Popen(["tar", "--numeric-owner", "-C", root, "-c", "."], stdout=subprocess.PIPE) as tar:
        assert tar.stdout
        client.api.import_image_from_stream(
            tar.stdout, repository=repository, tag=version, changes=[f"LABEL {LABEL_IMAGE}={BASE}"]
        )
    if tar.returncode != 0:
        client.images.remove(tag)
        raise LabError(f"cannot import the base system: tar failed with exit status {tar.returncode}")


def _build_layer(client: DockerClient, tag: str, layer: str, base: str) -> None:
    from docker.errors import BuildError

    try:
        client.images.build(
            path=str(recipes() / layer),
            tag=tag,
            buildargs={"BASE": base},
            labels={LABEL_IMAGE: layer},
            network_mode="host",
            rm=True,
            forcerm=True,
        )
    except BuildError as error:
        output = "".join(_lines(error.build_log))[-4000:]
        raise LabError(f"cannot build image '{layer}': {error.msg}\n{output}", code="build") from error


def _lines(log: object) -> Iterator[str]:
    for entry in log if isinstance(log, Iterator) else ():
        yield entry.get("stream", "") if isinstance(entry, dict) else ""


def _remove_older(client: DockerClient, tag: str) -> None:
    """Remove unused images of the same layer and release with an older recipe."""
    from docker.errors import APIError

    repository, _, version = tag.partition(":")
    release = version.rpartition("-")[0]
    for image in client.images.list(repository):
        for other in image.tags:
            if other != tag and other.rpartition("-")[0] == f"{repository}:{release}":
                try:
                    client.images.remove(other)
                except APIError:
                    continue
