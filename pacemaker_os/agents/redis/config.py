"""The directives of redis.conf that the agent needs."""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import INSTALLED
from pacemaker_os.ocf.parameter import InvalidParameter

#: Maximum depth of nested `include` directives.
MAX_DEPTH = 8


def read_config(path: str, depth: int = 0) -> dict[str, str]:
    """Return the directives and their values; the last one wins. Included files are read in place.

    Raises InvalidParameter if the file cannot be read.
    """
    text = files.read(path)
    if text is None:
        raise InvalidParameter(f"cannot read configuration file {path}", INSTALLED)
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        name, value = name.lower(), value.strip().strip('"')
        if name == "include" and depth < MAX_DEPTH and "*" not in value:
            found |= read_config(value, depth + 1)
        elif name and not name.startswith("#"):
            found[name] = value
    return found
