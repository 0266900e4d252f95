"""What redis.conf says, as far as the agent must know it."""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import INSTALLED
from pacemaker_os.ocf.parameter import InvalidParameter

#: How deep `include` is followed.
DEPTH = 8


def read_config(path: str, depth: int = 0) -> dict[str, str]:
    """Directive -> value, the last one winning; included files are read in their place.

    Raises InvalidParameter when the file cannot be read.
    """
    text = files.read(path)
    if text is None:
        raise InvalidParameter(f"configuration file {path} cannot be read", INSTALLED)
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        name, value = name.lower(), value.strip().strip('"')
        if name == "include" and depth < DEPTH and "*" not in value:
            found |= read_config(value, depth + 1)
        elif name and not name.startswith("#"):
            found[name] = value
    return found
