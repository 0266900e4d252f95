"""Kill an apply to a CIB file at one of its operations; the driver of test_killed_apply.py.

A forked process applies a document, and kills itself at the given operation: before each file that it opens,
creates, locks, renames or removes, and before and after each flush. The output is one JSON object per kill.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

import pacemaker_os.cluster.store.file as file_store
from pacemaker_os.cib.tree import content
from pacemaker_os.cli.main import cli
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.apply.rollback import redo_newest, rollback_newest

#: Audited operations that count, if they concern the directory of the test.
OPERATIONS = (
    "open",
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.listdir",
    "fcntl.flock",
    "os.chmod",
)


class Bomb:
    """Sends a signal to this process at the operation with this number."""

    def __init__(self, directory: Path, number: int, signum: int) -> None:
        self.directory, self.left, self.signum, self.armed = str(directory), number, signum, False

    def tick(self) -> None:
        if self.armed:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), self.signum)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        named = any(isinstance(each, str | os.PathLike) and self.directory in str(each) for each in arguments)
        if event in OPERATIONS and (named or event == "fcntl.flock"):
            self.tick()

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self.tick()
            result = function(*arguments)
            self.tick()
            return result

        return counted


def run(*arguments: str) -> int:
    """Run pcs-os in this process without its output; return the exit status."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            status = cli.main([*arguments], standalone_mode=False)
        except SystemExit as end:
            return int(end.code or 0)
        return int(status or 0)


def apply_killed(cib: Path, document: Path, number: int, signum: int) -> int:
    """Apply in a forked process that gets a signal at an operation; return its wait status."""
    child = os.fork()
    if child == 0:
        bomb = Bomb(cib.parent, number, signum)
        sys.addaudithook(bomb.audit)
        os.fsync = bomb.around(os.fsync)
        bomb.armed = True
        status = run("apply", "--yes", "--cib-file", str(cib), "--skip-agent-checks", str(document))
        # An armed operation that was never reached ends the series.
        os._exit(200 if bomb.left > 0 else status)
    return os.waitpid(child, 0)[1]


def configuration(cib: Path) -> bytes:
    return content.canonical(content.configuration(etree.parse(cib).getroot()))


def history(cib: Path) -> list[dict[str, Any]]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        cli.main(["history", "--json", "--cib-file", str(cib)], standalone_mode=False)
    found: list[dict[str, Any]] = json.loads(out.getvalue())
    return found


def main(directory: Path, first: Path, second: Path, signum: int) -> None:
    file_store.__dict__["which"] = lambda name: None
    number, done = 0, False
    while not done:
        number += 1
        folder = directory / str(number)
        folder.mkdir()
        cib = folder / "cib.xml"
        run("apply", "--yes", "--cib-file", str(cib), "--skip-agent-checks", str(first))
        before, ids = configuration(cib), {record["id"] for record in history(cib)}
        status = apply_killed(cib, second, number, signum)
        done = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 200
        after = configuration(cib)
        new = [record for record in history(cib) if record["id"] not in ids]
        target = connect(Target(cib_file=str(cib)))
        reversal = rollback_newest(target)
        rolled = run("rollback", "--yes", "--cib-file", str(cib))
        back = configuration(cib)
        redo_newest(target)
        again = run("rollback", "--redo", "--yes", "--cib-file", str(cib))
        found = {
            "number": number,
            "ended": os.waitstatus_to_exitcode(status),
            "written": after != before,
            "states": [record["state"] for record in new],
            "unrecorded": [record["unrecorded_since"] for record in new],
            "reverts_new": reversal.intent.reverts in {record["id"] for record in new},
            "restored": back == before,
            "statuses": [rolled, again],
            "redone": configuration(cib) == after,
        }
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), getattr(signal, sys.argv[4]))
