"""The program that writes Keystone's Fernet keys: with several clocks, and run alone as on a controller."""

from __future__ import annotations

import base64
import getpass
import subprocess
import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
from clouds import CLOUDS, desired, secrets
from programs import INSTALLED

from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.parts.fernet_keys import PROGRAM
from pacemaker_os.openstack.services import keystone

HOUR = 3600

SOURCE = INSTALLED / "fernet_keys.py"


def arguments(period: str) -> list[str]:
    """Return the arguments of the program for a rotation period in hours."""
    cloud = replace(CLOUDS["three-controllers"], settings={"fernet_rotation_hours": period})
    jobs = desired_jobs(cloud, keystone.SERVICE, secrets(cloud))
    ((_, *found),) = {job.argv for job in jobs if PROGRAM in job.argv}
    return found


class Controller:
    """A controller with its own clock; `period` is the rotation period in hours."""

    def __init__(self, directory: Path, period: str = "24") -> None:
        self.arguments = arguments(period)
        self.keys = directory / "fernet-keys"
        (directory / "secret").write_text("the same on all\n")
        spec = spec_from_file_location("fernet_keys", SOURCE)
        assert spec is not None
        assert spec.loader is not None
        self.program = module_from_spec(spec)
        spec.loader.exec_module(self.program)
        self.program.SECRET_FILE = directory / "secret"
        self.program.DIRECTORY = self.keys
        self.program.OWNER = getpass.getuser()

    def run(self, now: float) -> dict[str, bytes]:
        """Run the program at a time (s), and return Keystone's keys."""
        self.program.time = SimpleNamespace(time=lambda: now)
        self.program.main(*self.arguments)
        return {path.name: path.read_bytes() for path in self.keys.iterdir()}


def signing(keys: dict[str, bytes]) -> bytes:
    """Return the key that Keystone signs with, the one with the highest number."""
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


def test_keys_are_identical_on_all_controllers(one: Controller, other: Controller) -> None:
    assert one.run(NOW) == other.run(NOW + 60)


def test_keys_have_fernet_format_and_strict_modes(one: Controller) -> None:
    keys = one.run(NOW)
    assert len(keys) == len(set(keys.values())) == 5
    for key in keys.values():
        assert len(base64.urlsafe_b64decode(key)) == 32
    assert one.keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in one.keys.iterdir()} == {0o600}


def test_token_is_valid_on_controller_with_slow_clock(one: Controller, other: Controller) -> None:
    border = (NOW // (24 * HOUR) + 1) * 24 * HOUR
    ahead, behind = one.run(border + 1), other.run(border - 1)
    assert signing(ahead) != signing(behind)
    assert signing(ahead) in behind.values()
    assert signing(behind) in ahead.values()


def test_old_key_is_kept_for_three_periods(one: Controller) -> None:
    first = signing(one.run(NOW))
    for day in range(1, 4):
        assert first in one.run(NOW + day * 24 * HOUR).values()
    assert first not in one.run(NOW + 4 * 24 * HOUR).values()


def test_correct_keys_are_not_rewritten_and_lost_ones_are_restored(one: Controller) -> None:
    keys = one.run(NOW)
    before = {path.name: path.stat().st_mtime_ns for path in one.keys.iterdir()}
    assert one.run(NOW + 600) == keys
    assert {path.name: path.stat().st_mtime_ns for path in one.keys.iterdir()} == before
    (one.keys / "0").unlink()
    (one.keys / "1").write_text("of another program")
    assert one.run(NOW + 1200) == keys


#: For two controllers, in hours: when the first one is off, when which one signs a token, when which one
#: verifies it, and whether the token is valid. Keys rotate at 0, 24, 48...
CASES = {
    "both are on": ((), ("one", 1), ("other", 1.5), True),
    "keys rotated in between": ((), ("one", 23.8), ("other", 24.2), True),
    "off during a rotation, signs after its return": ((20, 30), ("one", 30), ("other", 30.1), True),
    "off during a rotation, verifies after its return": ((20, 30), ("other", 29.5), ("one", 30), True),
    "off for days": ((20, 92), ("one", 92), ("other", 92.9), True),
    "off for days, verifies a token signed meanwhile": ((20, 92), ("other", 91.5), ("one", 92), True),
    "lost power after it signed": ((1.1, 60), ("one", 1), ("other", 1.9), True),
    "a service presents a token of two days ago": ((), ("one", 23.9), ("other", 72.8), True),
    "a token that has expired": ((), ("one", 1), ("other", 120), False),
}


@pytest.mark.parametrize("period", ["24", "1"])
@pytest.mark.parametrize("case", CASES)
def test_token_validity_with_a_controller_off(tmp_path: Path, case: str, period: str) -> None:
    off, (signer, signed), (verifier, verified), valid = CASES[case]
    midnight = (NOW // (24 * HOUR)) * 24 * HOUR
    controllers = {}
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        controllers[name] = Controller(tmp_path / name, period)
    keys: dict[tuple[str, float], dict[str, bytes]] = {}
    # The runs of the timer, and those before Keystone starts on a controller that returned.
    moments = sorted({*range(0, 121, 24), signed, verified, *off})
    for hour in moments:
        for name, controller in controllers.items():
            if not (name == "one" and off and off[0] <= hour < off[1]):
                keys[name, hour] = controller.run(midnight + hour * HOUR)
        if hour == verified:
            break
    assert (signing(keys[signer, signed]) in keys[verifier, verified].values()) == valid


def test_program_runs_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    text = SOURCE.read_text()
    for installed, local in (
        ("/etc/keystone/fernet-secret", str(tmp_path / "secret")),
        ("/etc/keystone/fernet-keys", str(tmp_path / "keys")),
        ('"keystone"', f'"{getpass.getuser()}"'),
    ):
        assert installed in text
        text = text.replace(installed, local)
    (tmp_path / "program").write_text(text)
    subprocess.run([sys.executable, "-I", tmp_path / "program", *arguments("24")], check=True)
    assert len(list((tmp_path / "keys").iterdir())) == 5


def test_max_active_keys_matches_the_number_of_keys(tmp_path: Path) -> None:
    for period in ("24", "12", "6", "1"):
        (tmp_path / period).mkdir()
        cloud = replace(CLOUDS["three-controllers"], settings={"fernet_rotation_hours": period})
        files = {file.path: file.redacted for file in desired(cloud, cloud.hosts[0]).files}
        keys = Controller(tmp_path / period, period).run(NOW)
        assert f"max_active_keys = {len(keys)}\n" in files["/etc/keystone/keystone.conf"]


@pytest.mark.parametrize(
    ("cloud", "unit"), [("three-controllers", "keystone"), ("ubuntu", "apache2"), ("redhat", "httpd")]
)
def test_keystone_unit_writes_keys_before_it_starts(cloud: str, unit: str) -> None:
    chosen = CLOUDS[cloud]
    files = {file.path: file.redacted for file in desired(chosen, chosen.hosts[0]).files}
    dropin = files[f"/etc/systemd/system/{unit}.service.d/40-fernet-keys.conf"]
    assert f"ExecStartPre=+{PROGRAM} 24 3\n" in dropin
