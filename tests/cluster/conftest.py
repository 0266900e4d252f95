"""Labs for tests: one for the whole session, others for those that need one of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from lab_handle import LabHandle, down, lab_up, pcs_os

if TYPE_CHECKING:
    from docker import DockerClient

NAME = "test"


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """Docker; without it these tests fail, because the person asked for them."""
    from pacemaker_os.lab.engine import open_engine

    with open_engine() as client:
        yield client


@pytest.fixture(scope="session")
def session_lab(engine: DockerClient, request: pytest.FixtureRequest) -> Iterator[LabHandle]:
    """Three nodes with a cluster and fencing, taken down at the end whatever happens."""
    with lab_up(NAME, "--release", request.config.getoption("debian")):
        yield LabHandle(engine, NAME)


@pytest.fixture
def lab(session_lab: LabHandle) -> LabHandle:
    """The lab of the session, with every node online: mended only where a test left it broken."""
    if not session_lab.is_whole():
        pcs_os("lab", "up", "--name", NAME)
        session_lab.wait_online()
    return session_lab


@pytest.fixture
def own_lab(engine: DockerClient) -> Iterator[Callable[..., LabHandle]]:
    """Start a lab of the test's own: own_lab("name", "--bare", ...); it is taken down after the test.

    `keep` goes on from what there is of it.
    """
    names: list[str] = []

    def up(name: str, *options: str, keep: bool = False) -> LabHandle:
        names.append(name)
        if not keep:
            down(name)
        pcs_os("lab", "up", "--name", name, *options)
        return LabHandle(engine, name)

    try:
        yield up
    finally:
        for name in names:
            down(name)
