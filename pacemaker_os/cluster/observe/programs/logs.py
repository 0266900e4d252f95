"""Lines of Pacemaker's log and of journals that explain failures."""

from __future__ import annotations

import gzip
import os
import re
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pacemaker_os.cluster.observe.programs.commands import NoAnswer, output

_DEFAULT = "/var/log/pacemaker/pacemaker.log"

#: Size of the end of the log that is searched, in bytes.
_TAIL = 8 * 1024 * 1024

#: Number of lines that are kept per text, and of characters per line.
_LINES, _LENGTH = 60, 600

#: Age of the previous log up to which it is read if the current one is short, in seconds.
_ROTATED = 3 * 86400

#: Length of a time of the log without its seconds.
_MINUTE = len("Nov 30 18:48")

#: Texts of lines that tell why nodes are fenced, and why fencing fails.
_FENCING = ("will be fenced", "Unexpected result (", "Too many failures (", "stderr: [", "Operation '")

#: Number of lines of a journal.
_JOURNAL = 8

# Nov 30 18:48:21.820 controller01 pacemaker-controld  [1596] (function) <TAB>notice: text
_LINE = re.compile(r"(\w{3} +\d+ [\d:]{8})(?:\.\d+)? \S+ ([\w.-]+) *\[(\d+)\] (?:\([^)]*\) ?)?\s*(\w+): (.*)")


def log_path() -> str:
    """Return the path of Pacemaker's log; empty if it has none."""
    path = _DEFAULT
    for settings in ("/etc/default/pacemaker", "/etc/sysconfig/pacemaker"):
        try:
            lines = Path(settings).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.removeprefix("export ").partition("=")
            if name.strip() == "PCMK_logfile":
                path = value.strip(" '\"")
    return "" if path in ("none", "/dev/null") else path


def pacemaker_log(texts: list[str], seconds: float) -> list[dict[str, Any]]:
    """Return the latest lines that contain one of the texts about fencing, or of `texts`. Raises NoAnswer."""
    path = log_path()
    wanted = [*_FENCING, *texts]
    try:
        data = _end_of(Path(path))
    except OSError:
        return list(_from_journal(wanted, seconds))
    if len(data) < _TAIL // 8:
        data = _rotated(Path(path), seconds / 2) + data
    found: dict[int, str] = {}
    for text in wanted:
        found.update(_containing(data, text.encode()))
    entries = (_entry(line) for _, line in sorted(found.items()))
    return [entry for entry in entries if entry]


def _end_of(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read(_TAIL)


def _rotated(path: Path, seconds: float) -> bytes:
    """Return the end of the previous log that logrotate kept; nothing if that is old or slow to read."""
    files = [each for each in path.parent.glob(f"{path.name}[-.]*") if each.is_file()]
    latest = max(files, key=lambda each: each.stat().st_mtime, default=None)
    if latest is None or latest.stat().st_mtime < time.time() - _ROTATED:
        return b""
    if latest.suffix != ".gz":
        return _end_of(latest)
    end, data = time.monotonic() + seconds, b""
    try:
        with gzip.open(latest) as file:
            while chunk := file.read(_TAIL // 2):
                data = data[-_TAIL // 2 :] + chunk
                if time.monotonic() > end:
                    return b""
    except (OSError, EOFError, zlib.error):
        return b""
    return data


def _containing(data: bytes, text: bytes) -> dict[int, str]:
    """Return the last lines that contain a text, by their position; of equal ones in a minute, the first."""
    found: dict[str, tuple[int, str]] = {}
    end = len(data)
    while len(found) < _LINES and (at := data.rfind(text, 0, end)) >= 0:
        begin = data.rfind(b"\n", 0, at) + 1
        stop = data.find(b"\n", at)
        line = data[begin : stop if stop >= 0 else len(data)][:_LENGTH].decode("utf-8", "replace")
        # The patches that pacemaker-based logs contain the texts of others.
        if "pacemaker-based" not in line[:80]:
            found[line[:_MINUTE] + line[_MINUTE:].partition(" ")[2]] = begin, line
        end = begin
    return dict(found.values())


def _entry(line: str) -> dict[str, Any] | None:
    match = _LINE.match(line)
    if match is None:
        return None
    when, daemon, pid, level, text = match.groups()
    return {"when": _seconds(when), "daemon": daemon, "pid": int(pid), "level": level, "text": text}


def _seconds(text: str) -> float:
    """Return a time of the log in seconds since the epoch. The year is the current or the last one."""
    now = time.time()
    for year in (time.localtime(now).tm_year, time.localtime(now).tm_year - 1):
        try:
            found = time.mktime(time.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S"))
        except ValueError:
            continue
        if found < now + 86400:
            return found
    return 0.0


def _from_journal(texts: list[str], seconds: float) -> Iterator[dict[str, Any]]:
    """Yield the lines of the journal that contain one of the texts."""
    argv = ["journalctl", "--unit", "pacemaker", "--since", "-1d", "--output", "short-unix", "--no-pager"]
    pattern = "|".join(re.escape(text) for text in texts)
    lines = output([*argv, "--lines", str(_LINES), "--grep", pattern], seconds).splitlines()
    for line in lines:
        if match := re.match(r"(\d+)\.\d+ \S+ ([\w.-]+)\[(\d+)\]: +(\w+): (.*)", line[:_LENGTH]):
            when, daemon, pid, level, text = match.groups()
            yield {"when": float(when), "daemon": daemon, "pid": int(pid), "level": level, "text": text}


def journal(unit: str, seconds: float) -> list[str]:
    """Return the last lines of the journal of a unit. Raises NoAnswer."""
    argv = ["journalctl", "--quiet", "--no-pager", "--output", "short-iso", "--lines", str(_JOURNAL)]
    return [line[:_LENGTH] for line in output([*argv, "--unit", unit], seconds).splitlines()]


def units(names: list[str], seconds: float) -> dict[str, dict[str, str]]:
    """Return the state of units. Raises NoAnswer."""
    properties = ["LoadState", "UnitFileState", "ActiveState", "SubState"]
    argv = ["systemctl", "show", *(f"--property={name}" for name in properties), *names]
    blocks = output(argv, seconds).strip("\n").split("\n\n")
    if len(blocks) != len(names):
        raise NoAnswer("systemctl")
    return {
        name: dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for name, block in zip(names, blocks, strict=True)
    }
