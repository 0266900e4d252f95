"""The secrets file."""

from pathlib import Path

import pytest

from pacemaker_os.errors import InputError
from pacemaker_os.install.topology.secrets_file import load_secrets, save_secrets, secrets_path


def test_secrets_path_is_next_to_the_topology() -> None:
    assert secrets_path("/etc/clouds/one.yaml") == Path("/etc/clouds/one.secrets.yaml")


def test_load_secrets_generates_missing_and_keeps_existing(tmp_path: Path) -> None:
    file = tmp_path / "one.secrets.yaml"
    first, missing = load_secrets(file, ["admin", "galera"])
    assert missing == ("admin", "galera")
    assert not file.exists()
    save_secrets(file, first)
    assert file.stat().st_mode & 0o777 == 0o600
    second, missing = load_secrets(file, ["admin", "galera", "nova"])
    assert missing == ("nova",)
    assert second["admin"] == first["admin"]
    assert len({secret.reveal() for secret in second.values()}) == 3
    assert min(len(secret.reveal()) for secret in second.values()) >= 32


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("admin: 'word'\n", 0o644, "readable-secrets"),
        ("admin: 123456\n", 0o600, "wrong-type"),
        ("- admin\n", 0o600, "wrong-type"),
        ("admin: [\n", 0o600, "yaml"),
    ],
)
def test_load_secrets_rejects_invalid_file(tmp_path: Path, text: str, mode: int, code: str) -> None:
    file = tmp_path / "one.secrets.yaml"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(InputError) as raised:
        load_secrets(file, ["admin"])
    assert [problem.code for problem in raised.value.problems] == [code]
