"""The program that writes Keystone's fernet keys, run as it is on a controller."""

from __future__ import annotations

import base64
import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import wanted_host
from pacemaker_os.openstack.services.fernet import PROGRAM

HOUR = 3600


class Controller:
    """A controller with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        cloud = CLOUDS["three-controllers"]
        wanted = wanted_host(cloud, cloud.hosts[0], secrets(cloud))
        (text,) = [file.content.reveal() for file in wanted.files if file.path == PROGRAM]
        self.keys = folder / "fernet-keys"
        (folder / "secret").write_text("the same on all\n")
        for there, here in (
            ("/etc/keystone/fernet-secret", str(folder / "secret")),
            ("/etc/keystone/fernet-keys", str(self.keys)),
            ('"keystone"', f'"{getpass.getuser()}"'),
            ("time.time()", "float(os.environ['NOW'])"),
        ):
            assert there in text
            text = text.replace(there, here)
        self.program = folder / "program"
        self.program.write_text(text)

    def run(self, now: float) -> dict[str, bytes]:
        """Run the program at a time (s); the keys that Keystone then has."""
        subprocess.run([sys.executable, self.program], env={**os.environ, "NOW": str(now)}, check=True)
        return {path.name: path.read_bytes() for path in self.keys.iterdir()}


def signing(keys: dict[str, bytes]) -> bytes:
    """The key that Keystone signs with: that of the highest number."""
    return keys[max(keys, key=int)]


@pytest.fixture
def one(tmp_path: Path) -> Controller:
    (tmp_path / "one").mkdir()
    return Controller(tmp_path / "one")


@pytest.fixture
def other(tmp_path: Path) -> Controller:
    (tmp_path / "other").mkdir()
    return Controller(tmp_path / "other")


NOW = 1_800_000_000.0


def test_all_controllers_have_the_same_keys(one: Controller, other: Controller) -> None:
    assert one.run(NOW) == other.run(NOW + 60)


def test_keys_are_what_fernet_wants_and_keystones_alone(one: Controller) -> None:
    keys = one.run(NOW)
    assert len(keys) == len(set(keys.values())) == 5
    for key in keys.values():
        assert len(base64.urlsafe_b64decode(key)) == 32
    assert one.keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in one.keys.iterdir()} == {0o600}


def test_a_token_can_be_read_by_a_controller_whose_clock_is_behind(
    one: Controller, other: Controller
) -> None:
    border = (NOW // (24 * HOUR) + 1) * 24 * HOUR
    ahead, behind = one.run(border + 1), other.run(border - 1)
    assert signing(ahead) != signing(behind)
    assert signing(ahead) in behind.values()
    assert signing(behind) in ahead.values()


def test_old_tokens_can_be_read_for_three_periods(one: Controller) -> None:
    first = signing(one.run(NOW))
    for day in range(1, 4):
        assert first in one.run(NOW + day * 24 * HOUR).values()
    assert first not in one.run(NOW + 4 * 24 * HOUR).values()


def test_nothing_is_written_without_need_and_what_was_lost_is_back(one: Controller) -> None:
    keys = one.run(NOW)
    before = {path.name: path.stat().st_mtime_ns for path in one.keys.iterdir()}
    assert one.run(NOW + 600) == keys
    assert {path.name: path.stat().st_mtime_ns for path in one.keys.iterdir()} == before
    (one.keys / "0").unlink()
    (one.keys / "1").write_text("of somebody else")
    assert one.run(NOW + 1200) == keys
