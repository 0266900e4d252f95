"""Shell scripts that transports run on the remote machine.

The scripts are constant: all values are arguments, never part of the script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pacemaker_os.secret import Secret

#: Seconds between SIGTERM and SIGKILL after a timeout.
GRACE = 5.0

#: Environment variable that identifies the processes of a run, even after they change group or session.
MARK = "PCS_OS_RUN"

#: Reads NAME=VALUE lines, escaped for printf %b, up to an empty line; then executes the command.
_WITH_ENVIRONMENT = """
while IFS= read -r line && [ -n "$line" ]; do
    pair=$(printf '%b.' "$line")
    export "${pair%.}"
done
exec "$@"
"""

#: Kills all processes with the mark $1 in their environment.
_SWEEP = """
for process in /proc/[0-9]*; do
    if tr '\\0' '\\n' 2>/dev/null <"$process/environ" | grep -qxF "$1"; then
        kill -KILL "${process#/proc/}" 2>/dev/null
    fi
done
exit 0
"""

#: Atomically writes standard input to the file $1 with mode $2 and owner $3.
_PUT = """
umask 077
part=$(mktemp "$(dirname -- "$1")/.pcs-os.XXXXXXXX") || exit
trap 'rm -f -- "$part"' EXIT
cat >"$part" && chown -- "$3" "$part" && chmod -- "$2" "$part" && mv -fT -- "$part" "$1"
"""


def command_line(argv: Sequence[str], *, mark: str, timeout: float, with_environment: bool) -> list[str]:
    """Wrap `argv` so that the remote machine enforces the timeout, even after the connection is lost."""
    limited = ["timeout", f"--kill-after={GRACE:g}", f"{timeout:g}", *argv]
    if with_environment:
        limited = ["sh", "-c", _WITH_ENVIRONMENT, "sh", *limited]
    return ["env", f"{MARK}={mark}", *limited]


def environment_lines(env: Mapping[str, str | Secret]) -> bytes:
    """Return the input that `command_line(with_environment=True)` reads before that of the command.

    Secrets therefore do not appear on a command line of either machine.
    """
    lines = []
    for name, value in env.items():
        text = value.reveal() if isinstance(value, Secret) else value
        if not name.isidentifier():
            raise ValueError(f"'{name}' is not a valid environment variable name")
        if "\0" in text:
            raise ValueError(f"the value of {name} contains a null byte")
        escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append(f"{name}={escaped}\n")
    return "".join([*lines, "\n"]).encode()


def sweep_line(mark: str) -> list[str]:
    """Return the command that kills all processes of the run `mark`."""
    return ["sh", "-c", _SWEEP, "sh", f"{MARK}={mark}"]


def put_line(path: str, mode: int, owner: str) -> list[str]:
    """Return the command that writes its standard input to `path`."""
    return ["sh", "-c", _PUT, "sh", path, f"{mode:o}", owner]
