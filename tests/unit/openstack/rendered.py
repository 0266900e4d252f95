"""The rendered hosts, as text for review and comparison.

`python tests/unit/openstack/rendered.py` writes the cases; review the differences before you commit them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from clouds import CLOUDS, desired

from pacemaker_os.openstack.cloud import Cloud

CASES = Path(__file__).parents[2] / "cases" / "openstack"

#: The cloud and the hosts of each case.
RENDERED = {
    "debian-zed": ("three-controllers", ("controller01", "compute01")),
    "debian-2025.1": ("debian-2025.1", ("controller01", "compute01")),
    "ubuntu": ("ubuntu", ("controller01", "compute01")),
    "redhat": ("redhat", ("controller01", "compute01")),
    "front": ("two-front-nodes", ("front01",)),
}

#: The reference case: other cases contain only the names of files that are identical there.
BASE = "debian-zed"


def files(cloud: Cloud, name: str) -> dict[str, str]:
    """Return the files of a host by path, with secrets masked."""
    host = cloud.host(name)
    return {
        file.path: f"({file.owner} {file.mode:04o})\n{file.redacted}" for file in desired(cloud, host).files
    }


def rendered(case: str) -> str:
    """Return the text of a case."""
    of, names = RENDERED[case]
    cloud, base = CLOUDS[of], CLOUDS[RENDERED[BASE][0]]
    parts = []
    for name in names:
        host = cloud.host(name)
        state = desired(cloud, host)
        parts.append(f"===== {name}\n")
        for title, names in (
            ("packages", state.packages),
            ("units managed by Pacemaker", state.owned),
            ("masked units", state.masked),
            ("units managed by systemd", state.enabled),
            ("directories", tuple(f"{path} {owner}" for path, owner in state.directories)),
        ):
            parts.append(f"{title}:\n" + "".join(f"  {name}\n" for name in names))
        known = files(base, name) if case != BASE and name in RENDERED[BASE][1] else {}
        for path, text in files(cloud, name).items():
            same = known.get(path) == text
            parts.append(f"--- {path} {'as in ' + BASE if same else text}".rstrip("\n") + "\n")
    return "".join(parts)


if __name__ == "__main__":
    for case in RENDERED:
        (CASES / f"{case}.txt").write_text(rendered(case))
