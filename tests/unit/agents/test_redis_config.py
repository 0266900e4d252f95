"""redis.conf is read with the syntax of Redis, and judged as Redis judges it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.agents.redis.agent import write_refusal
from pacemaker_os.agents.redis.config import read_config
from pacemaker_os.ocf.parameter import InvalidParameter


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "redis.conf"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("requirepass secret", ["secret"]),
        ("  RequirePass\t secret  ", ["secret"]),
        ("requirepass 'a b'", ["a b"]),
        (r"requirepass 'it\'s'", ["it's"]),
        (r"requirepass 'a\nb'", [r"a\nb"]),
        (r'requirepass "a\"b"', ['a"b']),
        (r'requirepass "a\x41\tb\q"', ["aA\tbq"]),
        ("requirepass a#b%c$d", ["a#b%c$d"]),
        ('requirepass ab"c d"', ["abc d"]),
        ("requirepass a\\b", ["a\\b"]),
        ("bind 127.0.0.1 -::1", ["127.0.0.1", "-::1"]),
        ('bind ""', [""]),
    ],
)
def test_line_is_read_as_redis_reads_it(tmp_path: Path, line: str, arguments: list[str]) -> None:
    name = line.split()[0].lower()
    assert read_config(str(config(tmp_path, f"# c\n\n{line}\n"))).arguments(name) == arguments


@pytest.mark.parametrize("line", ["requirepass 'a", 'requirepass "a"b', 'requirepass "'])
def test_invalid_line_is_rejected_with_its_place(tmp_path: Path, line: str) -> None:
    path = config(tmp_path, f"port 1\n{line}\n")
    with pytest.raises(InvalidParameter, match=f"{path}:2: "):
        read_config(str(path))


def test_last_directive_counts_and_included_files_stand_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "20.conf").write_text("port 20\n")
    (tmp_path / "conf.d" / "10.conf").write_text("port 10\ndir /a\n")
    path = config(tmp_path, f"dir /b\ninclude {tmp_path}/conf.d/*.conf\ninclude {tmp_path}/no-*.conf\n")
    assert (read_config(str(path)).get("port"), read_config(str(path)).get("dir")) == ("20", "/a")


def test_missing_included_file_is_named(tmp_path: Path) -> None:
    path = config(tmp_path, f"include {tmp_path}/other.conf\n")
    with pytest.raises(InvalidParameter, match=r"cannot read configuration file .*other\.conf"):
        read_config(str(path))


def test_renamed_commands(tmp_path: Path) -> None:
    path = config(tmp_path, 'rename-command config ""\nrename-command REPLICAOF follow\n')
    assert read_config(str(path)).renamed_commands() == {"CONFIG": "", "REPLICAOF": "follow"}


FAILED_SAVE = {"rdb_last_bgsave_status": "err"}
FAILED_APPEND = {"aof_enabled": "1", "aof_last_write_status": "err"}


@pytest.mark.parametrize(
    ("text", "info", "refused"),
    [
        ("", FAILED_SAVE, True),
        ("save 3600 1\n", FAILED_SAVE, True),
        ('save ""\n', FAILED_SAVE, False),
        ("stop-writes-on-bgsave-error no\n", FAILED_SAVE, False),
        ('save ""\n', FAILED_APPEND, True),
        ("", {"aof_enabled": "0", "aof_last_write_status": "err"}, False),
        ("", {"rdb_last_bgsave_status": "ok"}, False),
    ],
)
def test_server_that_rejects_all_writes(
    tmp_path: Path, text: str, info: dict[str, str], refused: bool
) -> None:
    assert bool(write_refusal(info, read_config(str(config(tmp_path, text))))) is refused
