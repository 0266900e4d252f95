"""Compute nodes become hosts of Nova's cell; one that is in none gets no instances.

Nova knows a host when its nova-compute has told of itself: with libvirt that is seconds after it runs.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Job

PROGRAM = "/usr/local/sbin/nova-hosts-into-cell"

SCRIPT = """\
#!/usr/bin/python3
# Takes compute hosts, named by its arguments, into Nova's cell; fails while Nova does not know one of them.
# Nova may call them by their full names.
import subprocess
import sys


def cell(*words):
    line = ["nova-manage", "cell_v2", *words]
    return subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout


def short(name):
    return name.partition(".")[0]


def missing():
    known = {short(word) for word in cell("list_hosts").split()}
    return [name for name in sys.argv[1:] if short(name) not in known]


if missing():
    cell("discover_hosts", "--by-service")
    unknown = missing()
    if unknown:
        sys.exit(f"Nova does not know {', '.join(unknown)} yet; does nova-compute run there?")
"""

FILES = (File(path=PROGRAM, content=SCRIPT, mode=0o755, roles=("controller",)),)

JOB = Job(
    name="hosts into the cell",
    argv=(PROGRAM, "{{ hosts('compute') | map(attribute='name') | join('\n') }}"),
    user="nova",
    when="finish",
    patience=300,
)
