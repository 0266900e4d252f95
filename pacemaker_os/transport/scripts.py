"""The few fixed shell scripts that a transport needs at the other end, and the argument lists around them.

Every varying word is an argument of the script, never part of its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pacemaker_os.secret import Secret

#: Seconds between the polite signal and the deadly one when a command's time is over.
GRACE = 5.0

#: The variable by which a run's processes are known, whatever group or session they moved to.
MARK = "PCS_OS_RUN"

#: Reads NAME=VALUE lines (written for printf %b) up to an empty one, then becomes the command.
_WITH_ENVIRONMENT = """
while IFS= read -r line && [ -n "$line" ]; do
    pair=$(printf '%b.' "$line")
    export "${pair%.}"
done
exec "$@"
"""

#: Kills every process that carries the mark $1.
_SWEEP = """
for process in /proc/[0-9]*; do
    if tr '\\0' '\\n' 2>/dev/null <"$process/environ" | grep -qxF "$1"; then
        kill -KILL "${process#/proc/}" 2>/dev/null
    fi
done
exit 0
"""

#: Writes standard input to the file $1 with mode $2 and owner $3: whole or not at all.
_PUT = """
umask 077
part=$(mktemp "$(dirname -- "$1")/.pcs-os.XXXXXXXX") || exit
trap 'rm -f -- "$part"' EXIT
cat >"$part" && chown -- "$3" "$part" && chmod -- "$2" "$part" && mv -fT -- "$part" "$1"
"""


def command_line(argv: Sequence[str], *, mark: str, timeout: float, with_environment: bool) -> list[str]:
    """Wrap `argv` so that the other end itself gives it an end, even when nobody is left to ask for it."""
    limited = ["timeout", f"--kill-after={GRACE:g}", f"{timeout:g}", *argv]
    if with_environment:
        limited = ["sh", "-c", _WITH_ENVIRONMENT, "sh", *limited]
    return ["env", f"{MARK}={mark}", *limited]


def environment_lines(env: Mapping[str, str | Secret]) -> bytes:
    """Return what `command_line(with_environment=True)` reads before the command's own input.

    This way a secret is in no command line of either end.
    """
    lines = []
    for name, value in env.items():
        text = value.reveal() if isinstance(value, Secret) else value
        if not name.isidentifier():
            raise ValueError(f"'{name}' is no name of an environment variable")
        if "\0" in text:
            raise ValueError(f"the value of {name} holds a null byte")
        escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append(f"{name}={escaped}\n")
    return "".join([*lines, "\n"]).encode()


def sweep_line(mark: str) -> list[str]:
    """Return the command that ends whatever is left of the run `mark`."""
    return ["sh", "-c", _SWEEP, "sh", f"{MARK}={mark}"]


def put_line(path: str, mode: int, owner: str) -> list[str]:
    """Return the command that writes its input to `path`."""
    return ["sh", "-c", _PUT, "sh", path, f"{mode:o}", owner]
