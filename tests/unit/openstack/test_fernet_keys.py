"""The program that writes Keystone's fernet keys, run as it is on a controller."""

from __future__ import annotations

import base64
import getpass
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import wanted_host
from pacemaker_os.openstack.services.fernet import PROGRAM

HOUR = 3600


class Controller:
    """A controller with a clock of its own."""

    def __init__(self, folder: Path, period: str = "24") -> None:
        cloud = replace(CLOUDS["three-controllers"], settings={"fernet_period": period})
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


#: What may happen to one of two controllers, in hours: when it is off, when which controller signs a token,
#: and when the other reads it; and whether it can. Keys change at 0, 24, 48...
CASES = {
    "both are on": ((), ("one", 1), ("other", 1.5), True),
    "a key has changed since": ((), ("one", 23.8), ("other", 24.2), True),
    "off while a key changed, signs when it is back": ((20, 30), ("one", 30), ("other", 30.1), True),
    "off while a key changed, reads when it is back": ((20, 30), ("other", 29.5), ("one", 30), True),
    "off for days": ((20, 92), ("one", 92), ("other", 92.9), True),
    "off for days, reads what was signed meanwhile": ((20, 92), ("other", 91.5), ("one", 92), True),
    "lost its power after it had signed": ((1.1, 60), ("one", 1), ("other", 1.9), True),
    "a service vouches for a token of two days ago": ((), ("one", 23.9), ("other", 72.8), True),
    "a token that nobody takes any more": ((), ("one", 1), ("other", 120), False),
}


@pytest.mark.parametrize("period", ["24", "1"])
@pytest.mark.parametrize("case", CASES)
def test_tokens_stay_good_while_a_controller_is_off(tmp_path: Path, case: str, period: str) -> None:
    off, (signer, signed), (reader, read), good = CASES[case]
    midnight = (NOW // (24 * HOUR)) * 24 * HOUR
    controllers = {}
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        controllers[name] = Controller(tmp_path / name, period)
    keys: dict[tuple[str, float], dict[str, bytes]] = {}
    # The timer's runs, and those before Keystone starts when a controller is back.
    moments = sorted({*range(0, 121, 24), signed, read, *off})
    for hour in moments:
        for name, controller in controllers.items():
            if not (name == "one" and off and off[0] <= hour < off[1]):
                keys[name, hour] = controller.run(midnight + hour * HOUR)
        if hour == read:
            break
    assert (signing(keys[signer, signed]) in keys[reader, read].values()) == good


def test_keystone_expects_as_many_keys_as_there_are(tmp_path: Path) -> None:
    for period in ("24", "12", "6", "1"):
        (tmp_path / period).mkdir()
        cloud = replace(CLOUDS["three-controllers"], settings={"fernet_period": period})
        files = {file.path: file.shown for file in wanted_host(cloud, cloud.hosts[0], secrets(cloud)).files}
        keys = Controller(tmp_path / period, period).run(NOW)
        assert f"max_active_keys = {len(keys)}\n" in files["/etc/keystone/keystone.conf"]


@pytest.mark.parametrize(
    ("cloud", "unit"), [("three-controllers", "keystone"), ("ubuntu", "apache2"), ("redhat", "httpd")]
)
def test_keystone_does_not_start_with_keys_of_the_past(cloud: str, unit: str) -> None:
    chosen = CLOUDS[cloud]
    files = {file.path: file.shown for file in wanted_host(chosen, chosen.hosts[0], secrets(chosen)).files}
    dropin = files[f"/etc/systemd/system/{unit}.service.d/40-fernet-keys.conf"]
    assert f"ExecStartPre=+{PROGRAM}\n" in dropin
