"""What a deployment has made of a node, in a form in which controllers that are alike are equal."""

from __future__ import annotations

import json

from lab_cloud import LabCloud

#: Where a deployment writes, and where what it does leaves something.
FOLDERS = (
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

#: Runs on the node. Names and addresses of controllers become one word, so that a file is alike on all.
PROGRAM = """
import hashlib, json, os, re, stat, subprocess, sys
asked = json.load(sys.stdin)
words = re.compile(b"|".join(rb"\\b" + re.escape(word.encode()) + rb"\\b" for word in asked["words"]))
files = {}
for folder in asked["folders"]:
    for place, _, names in os.walk(os.path.join("/etc", folder)):
        for path in sorted(os.path.join(place, name) for name in names):
            seen = os.lstat(path)
            if stat.S_ISLNK(seen.st_mode):
                files[path] = os.readlink(path)
            else:
                with open(path, "rb") as stream:
                    text = words.sub(b"HERE", stream.read())
                files[path] = [hashlib.sha256(text).hexdigest(), seen.st_mode, seen.st_uid, seen.st_gid]
line = ["systemctl", "list-unit-files", "--no-legend", "--plain"]
said = subprocess.run(line, stdout=subprocess.PIPE, check=True)
units = sorted(" ".join(line.split()[:2]) for line in said.stdout.decode().splitlines())
mounts = [unit for unit in units if unit.split(" ")[0].endswith(".mount")]
print(json.dumps({"files": files, "units": [unit for unit in units if unit not in mounts]}))
"""


def fingerprint(cloud: LabCloud, name: str) -> dict[str, object]:
    """Every file below FOLDERS with digest, mode and owner, and the state of every unit."""
    controllers = cloud.nodes("controller")
    words = [*controllers, *(cloud.said["nodes"][each]["address"] for each in controllers)]
    asked = json.dumps({"folders": FOLDERS, "words": words})
    done = cloud.node(name).run(["/usr/bin/python3", "-c", PROGRAM], input=asked.encode(), timeout=120)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """What two nodes do not have alike."""
    files, others = one["files"], other["files"]
    assert isinstance(files, dict)
    assert isinstance(others, dict)
    found = [path for path in sorted({*files, *others}) if files.get(path) != others.get(path)]
    units, more = one["units"], other["units"]
    assert isinstance(units, list)
    assert isinstance(more, list)
    return [*found, *sorted({*units} ^ {*more})]
