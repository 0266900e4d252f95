"""Labs for tests: one for the session, and separate ones for tests that need their own."""

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
    """Docker. Without it these tests fail, because the user requested them."""
    from pacemaker_os.lab.engine import open_engine

    with open_engine() as client:
        yield client


@pytest.fixture(scope="session")
def session_lab(engine: DockerClient, request: pytest.FixtureRequest) -> Iterator[LabHandle]:
    """A cluster of three nodes with fencing, which is always removed at the end unless it existed before."""
    if existing := request.config.getoption("lab"):
        yield LabHandle(engine, existing)
        return
    with lab_up(NAME, "--release", request.config.getoption("debian")):
        yield LabHandle(engine, NAME)


@pytest.fixture
def lab(session_lab: LabHandle) -> LabHandle:
    """The lab of the session with all nodes online; it is repaired if a test left it broken."""
    if not session_lab.is_complete():
        pcs_os("lab", "up", "--name", session_lab.name)
        session_lab.wait_online()
    return session_lab


@pytest.fixture
def own_lab(engine: DockerClient) -> Iterator[Callable[..., LabHandle]]:
    """Start a lab for the test: own_lab("name", "--bare", ...). It is removed after the test.

    With `keep`, an existing lab is completed.
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
