"""Bundles: predicted effects of changes to containers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from apply_site import Site, apply_as_predicted, document_on, dummy
from lab_handle import LabHandle, lab_up

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "bundles"

#: Commands that create an idle container image with busybox.
IDLE = (
    ["mkdir", "-p", "/root/idle/bin", "/root/idle/usr/bin"],
    ["cp", "/usr/bin/busybox", "/root/idle/usr/bin"],
    ["busybox", "--install", "-s", "/root/idle/bin"],
    ["tar", "-C", "/root/idle", "-cf", "/root/idle.tar", "."],
    ["podman", "import", "/root/idle.tar", "localhost/idle:1"],
    ["podman", "tag", "localhost/idle:1", "localhost/idle:2"],
)


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[LabHandle]:
    """Three nodes with podman and an idle container image."""
    with lab_up(NAME, "--image", "services"):
        lab = LabHandle(engine, NAME)
        for node in lab.nodes:
            for argv in IDLE:
                lab.node(node).run(argv)
        yield lab


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(lab, tmp_path)


def idle(image: str = "localhost/idle:1", replicas: int = 2) -> dict[str, Any]:
    """Return a bundle of idle containers."""
    podman = {"image": image, "replicas": replicas, "network": "host", "run-command": "/bin/sleep 1000000"}
    return {"bundle": {"podman": podman}}


def test_additional_replica_causes_one_start(site: Site) -> None:
    site.write({"resources": {"idle": idle(), "a": dummy()}})
    site.apply()
    apply_as_predicted(site, {"resources": {"idle": idle(replicas=3), "a": dummy()}}, {"start"})
    assert not site.plan()["effects"]


def test_changed_image_restarts_containers_and_dependents(site: Site) -> None:
    def content(image: str) -> dict[str, Any]:
        resources = {"idle": idle(image), "a": dummy(), "b": dummy()}
        return {"resources": resources, "order": ["idle then a"]}

    site.write(content("localhost/idle:1"))
    site.apply()
    plan = apply_as_predicted(site, content("localhost/idle:2"), {"restart"})
    assert "b" not in {effect["resource"] for effect in plan["effects"]}


def test_removed_bundle_leaves_no_container(site: Site, lab: LabHandle) -> None:
    site.write({"resources": {"idle": idle(), "a": dummy()}})
    site.apply()
    apply_as_predicted(site, {"resources": {"a": dummy()}}, {"stop"})
    for node in lab.nodes:
        assert lab.node(node).run(["podman", "ps", "--quiet"]).text == ""
