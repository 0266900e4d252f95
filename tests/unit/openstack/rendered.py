"""What pages become, written down for people to read and tests to compare.

`python tests/unit/openstack/rendered.py` writes the cases anew: read what changed before you commit it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from clouds import CLOUDS, desired

from pacemaker_os.openstack.cloud import Cloud

CASES = Path(__file__).parents[2] / "cases" / "openstack"

#: The cloud and the hosts of each case.
WRITTEN = {
    "debian-zed": ("three-controllers", ("controller01", "compute01")),
    "debian-2025.1": ("debian-2025.1", ("controller01", "compute01")),
    "ubuntu": ("ubuntu", ("controller01", "compute01")),
    "redhat": ("redhat", ("controller01", "compute01")),
    "front": ("two-front-nodes", ("front01",)),
}

#: The case that the others are shown against: a file that is the same there is only named.
BASE = "debian-zed"


def files(cloud: Cloud, name: str) -> dict[str, str]:
    """The files of a host as people see them."""
    host = cloud.host(name)
    return {
        file.path: f"({file.owner} {file.mode:04o})\n{file.redacted}" for file in desired(cloud, host).files
    }


def rendered(case: str) -> str:
    """The text of a case."""
    chosen, names = WRITTEN[case]
    cloud, base = CLOUDS[chosen], CLOUDS[WRITTEN[BASE][0]]
    parts = []
    for name in names:
        host = cloud.host(name)
        wanted = desired(cloud, host)
        parts.append(f"===== {name}\n")
        for title, words in (
            ("packages", wanted.packages),
            ("Pacemaker's units", wanted.owned),
            ("masked units", wanted.masked),
            ("systemd's units", wanted.enabled),
            ("folders", tuple(f"{path} {owner}" for path, owner in wanted.directories)),
        ):
            parts.append(f"{title}:\n" + "".join(f"  {word}\n" for word in words))
        known = files(base, name) if case != BASE and name in WRITTEN[BASE][1] else {}
        for path, text in files(cloud, name).items():
            same = known.get(path) == text
            parts.append(f"--- {path} {'as in ' + BASE if same else text}".rstrip("\n") + "\n")
    return "".join(parts)


if __name__ == "__main__":
    for case in WRITTEN:
        (CASES / f"{case}.txt").write_text(rendered(case))
