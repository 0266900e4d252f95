"""The fingerprint of a node after a deployment; it is the same on equivalent controllers."""

from __future__ import annotations

import json

from lab_cloud import LabCloud

#: Directories below /etc in which a deployment changes files.
DIRECTORIES = (
    *(
        "aodh",
        "apache2",
        "ceilometer",
        "cinder",
        "default",
        "glance",
        "gnocchi",
        "haproxy",
        "heat",
        "keystone",
    ),
    *("mysql", "neutron", "nova", "openstack-dashboard", "pacemaker-os", "placement", "rabbitmq", "redis"),
    *("swift", "sysctl.d", "systemd/system"),
)

#: Runs on the node. Replaces names and addresses of controllers, so that files are equal on all of them.
PROGRAM = """
import hashlib, json, os, re, stat, subprocess, sys
query = json.load(sys.stdin)
names = re.compile(b"|".join(rb"\\b" + re.escape(name.encode()) + rb"\\b" for name in query["names"]))
files = {}
for directory in query["directories"]:
    for parent, _, entries in os.walk(os.path.join("/etc", directory)):
        for path in sorted(os.path.join(parent, entry) for entry in entries):
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                files[path] = os.readlink(path)
            else:
                with open(path, "rb") as stream:
                    text = names.sub(b"HERE", stream.read())
                files[path] = [hashlib.sha256(text).hexdigest(), status.st_mode, status.st_uid, status.st_gid]
argv = ["systemctl", "list-unit-files", "--no-legend", "--plain"]
listed = subprocess.run(argv, stdout=subprocess.PIPE, check=True)
units = sorted(" ".join(line.split()[:2]) for line in listed.stdout.decode().splitlines())
mounts = [unit for unit in units if unit.split(" ")[0].endswith(".mount")]
print(json.dumps({"files": files, "units": [unit for unit in units if unit not in mounts]}))
"""


def fingerprint(cloud: LabCloud, name: str) -> dict[str, object]:
    """Return digest, mode and owner of each file below DIRECTORIES, and the state of each unit."""
    controllers = cloud.nodes("controller")
    names = [*controllers, *(cloud.content["nodes"][each]["address"] for each in controllers)]
    query = json.dumps({"directories": DIRECTORIES, "names": names})
    result = cloud.node(name).run(["/usr/bin/python3", "-c", PROGRAM], input=query.encode(), timeout=120)
    found: dict[str, object] = json.loads(result.stdout)
    return found


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """Return the files and units that differ between two nodes."""
    files, others = one["files"], other["files"]
    assert isinstance(files, dict)
    assert isinstance(others, dict)
    found = [path for path in sorted({*files, *others}) if files.get(path) != others.get(path)]
    units, more = one["units"], other["units"]
    assert isinstance(units, list)
    assert isinstance(more, list)
    return [*found, *sorted({*units} ^ {*more})]
