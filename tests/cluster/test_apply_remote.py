"""Predictions that take minutes to verify: remote nodes, and fencing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from apply_site import Site, apply_as_predicted, document_on, dummy, runs_on
from lab_handle import LabHandle, lab_up, wait_until

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = [pytest.mark.cluster, pytest.mark.campaign]

NAME = "effects"

REMOTE = "compute01"


@pytest.fixture(scope="module")
def remote_lab(engine: DockerClient) -> Iterator[LabHandle]:
    """Three cluster nodes and a remote node."""
    with lab_up(NAME, "--remotes", "1"):
        yield LabHandle(engine, NAME)


@pytest.fixture
def site(remote_lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(remote_lab, tmp_path)


def test_resource_moves_to_a_remote_node_and_back(site: Site) -> None:
    away = {"resources": {"a": dummy()}, "location": [f"a avoids {REMOTE}"]}
    site.write(away)
    site.apply()
    apply_as_predicted(
        site, {"resources": {"a": dummy()}, "location": [f"a on {REMOTE} (INFINITY)"]}, {"move"}
    )
    assert runs_on(site, "a") == REMOTE
    apply_as_predicted(site, away, {"move"})


def test_predicted_fencing_takes_place(site: Site) -> None:
    """After a failed monitor, the document changes on-fail from block to fence."""

    def content(on_fail: str) -> dict[str, Any]:
        operations = {"monitor": {"interval": "5s", "on-fail": on_fail}}
        return {"resources": {"a": dummy(state="a", operations=operations)}}

    site.write(content("block"))
    site.apply()
    # Not the node that the test connects to.
    here = runs_on(site, "a")
    if here == "controller01":
        site.lab.node(here).run(["crm_resource", "--move", "--resource", "a", "--node", "controller02"])
        wait_until("it has moved", lambda: runs_on(site, "a") == "controller02")
        here = "controller02"
    site.lab.node(here).run(["rm", "/run/a.state"])
    wait_until(
        "its monitor has failed",
        lambda: (
            site.query(["crm_mon", "-1", "--output-as=xml"]).find(".//failure[@op_key='a_monitor_5000']")
            is not None
        ),
    )
    site.write(content("fence"))
    effects = {(effect["verb"], effect["node"]) for effect in site.plan()["effects"]}
    assert ("fence", here) in effects
    before = site.lab.started_at(here)
    site.apply(ok=(0, 1))
    wait_until(f"{here} was fenced", lambda: site.lab.started_at(here) > before)
    site.lab.wait_online()
