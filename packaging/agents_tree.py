#!/usr/bin/env python3
"""Install the agents below a directory, with the same paths as `pcs-os agents install`.

agents_tree.py debian/pacemaker-os-agents
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pacemaker_os.install.agents import HOME, links, release, release_files


def lay_out(root: Path) -> None:
    """Write the files of the release and the links to it."""
    name = release().name
    home = root / HOME.lstrip("/")
    for path, data, mode in release_files():
        file = home / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(mode)
    (home / "current").symlink_to(name)
    for place, target in links().items():
        link = root / place.lstrip("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
