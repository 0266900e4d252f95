"""Mapping of compute nodes to Nova's cell; Nova schedules no instances on hosts that are not mapped.

Nova knows a host after its nova-compute has reported, which with libvirt takes seconds after the start.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Job

PROGRAM = "/usr/local/sbin/nova-hosts-into-cell"

FILES = (File(path=PROGRAM, program="discover_compute_hosts.py", mode=0o755, roles=("controller",)),)

JOB = Job(
    name="cell mapping of compute hosts",
    argv=(PROGRAM, "{{ hosts('compute') | map(attribute='name') | join('\n') }}"),
    user="nova",
    when="finish",
    retry_timeout=300,
)
