"""The node images: layers by recipe, kept by the hash of their recipe.

    base     debootstrap: Debian with systemd                  (containers/base)
    node     Pacemaker, corosync, pcs, agents                  (containers/node)
    remote   pacemaker_remote in Pacemaker's place             (containers/remote)
    services a node with databases, message bus and caches     (containers/services)
    openstack a node with all packages of OpenStack            (containers/openstack)
    compute  a remote node with those of a hypervisor          (containers/compute)

A later layer names the one below it; its hash covers its own recipe and that of all below.
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
from pacemaker_os.lab.sources import Sources, read_sources
from pacemaker_os.transport.local import LocalTransport

if TYPE_CHECKING:
    from docker import DockerClient

BASE = "base"

#: Each layer above the base, and the layer it stands on.
LAYERS = {"node": BASE, "remote": "node", "services": "node", "openstack": "node", "compute": "remote"}

LABEL_IMAGE = "pacemaker-os.image"

_REPOSITORY = "pacemaker-os/{}"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SCRIPTS = Path("/usr/share/debootstrap/scripts")

#: Seconds that debootstrap may take on a slow machine with a slow archive.
_TIMEOUT = 1800.0


def ensure_image(client: DockerClient, layer: str, release: str, progress: Progress) -> str:
    """Return the tag of the image, which is built first if it is not there as its recipe says."""
    from docker.errors import ImageNotFound

    tag = image_tag(layer, release)
    try:
        client.images.get(tag)
    except ImageNotFound:
        below = LAYERS.get(layer)
        if below is None:
            with progress.step(f"build the image '{layer}' of {release} by debootstrap"):
                _build_base(client, tag, release)
        else:
            base = ensure_image(client, below, release, progress)
            with progress.step(f"build the image '{layer}' of {release}"):
                _build_layer(client, tag, layer, base)
        _forget_older(client, tag)
    return tag


def image_tag(layer: str, release: str) -> str:
    """Return the tag whose last part is the hash of the recipe."""
    return f"{_REPOSITORY.format(layer)}:{release}-{_recipe_hash(layer)}"


def recipes() -> Path:
    """Return the folder containers/ of the repository."""
    folder = Path(__file__).resolve().parents[2] / "containers"
    if not folder.is_dir():
        raise LabError(f"a lab is built from the repository, but there is no {folder}", code="no-recipes")
    return folder


def _recipe_hash(layer: str) -> str:
    digest = hashlib.sha256(_recipe_hash(LAYERS[layer]).encode() if layer in LAYERS else b"")
    folder = recipes() / layer
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_mode & 0o111:o}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _build_base(client: DockerClient, tag: str, release: str) -> None:
    machine = LocalTransport()
    if shutil.which("debootstrap") is None:
        raise LabError("debootstrap is not installed on this machine: apt-get install debootstrap")
    sources = read_sources(machine)
    with tempfile.TemporaryDirectory(prefix="pcs-os-base-", dir="/var/tmp") as root:
        env = {"http_proxy": sources.proxy} if sources.proxy else {}
        machine.run(_debootstrap_line(release, root, sources), env=env, timeout=_TIMEOUT)
        _dress(Path(root), release, sources)
        _import(client, root, tag)


def _debootstrap_line(release: str, root: str, sources: Sources) -> list[str]:
    packages = ",".join((recipes() / BASE / "packages").read_text().split())
    line = ["debootstrap", "--variant=minbase", f"--include={packages}"]
    if _KEYRING.exists():
        line.append(f"--keyring={_KEYRING}")
    line += [release, root, sources.mirror or ""]
    if not (_SCRIPTS / release).exists():
        # An older debootstrap does not know the release by name, but how Debian is put together.
        line.append(str(_SCRIPTS / "sid"))
    return line


def _dress(root: Path, release: str, sources: Sources) -> None:
    """Lay our files over the fresh system, and take away what a node needs not."""
    shutil.copytree(recipes() / BASE / "files", root, dirs_exist_ok=True)
    lines = sources.apt_lines(release)
    if lines is not None:
        (root / "etc/apt/sources.list").write_text(lines)
    if sources.proxy:
        setting = f'Acquire::http::Proxy "{sources.proxy}";\n'
        (root / "etc/apt/apt.conf.d/91proxy").write_text(setting)
    for unneeded in ("doc", "info", "man", "locale", "lintian"):
        shutil.rmtree(root / "usr/share" / unneeded, ignore_errors=True)
    for folder in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder / "partial").mkdir(parents=True)
    # Every node makes its own at its first boot.
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
        raise LabError(f"tar could not pack the base system (status {tar.returncode})")


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
        said = "".join(_lines(error.build_log))[-4000:]
        raise LabError(f"the image '{layer}' cannot be built: {error.msg}\n{said}", code="build") from error


def _lines(log: object) -> Iterator[str]:
    for entry in log if isinstance(log, Iterator) else ():
        yield entry.get("stream", "") if isinstance(entry, dict) else ""


def _forget_older(client: DockerClient, tag: str) -> None:
    """Remove the images of the same layer and release that an older recipe made, unless they are in use."""
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
