"""The program that stores the Ceph key of volumes in libvirt, run with a fake virsh."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, desired, secrets
from programs import INSTALLED

from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.parts.libvirt_ceph_secret import PROGRAM, UUID
from pacemaker_os.openstack.services import cinder, nova_compute

KEY = "AQBzZVhlAAAAABAA1fVhZ7vWdO8C3q9x4mJm2Q=="
KEYRING = f'[client.cinder]\n\tkey = {KEY}\n\tcaps mon = "profile rbd"\n'

SOURCE = (INSTALLED / "libvirt_ceph_secret.py").read_text()

#: Records its arguments and its input.
VIRSH = """#!/bin/sh
echo "$@" >>"$RECORD.arguments"
cat "/dev/stdin" >>"$RECORD"
"""


def store(directory: Path, keyring: str | None) -> subprocess.CompletedProcess[str]:
    """Run the program with this keyring, or without one."""
    (directory / "virsh").write_text(VIRSH)
    (directory / "virsh").chmod(0o755)
    if keyring is not None:
        (directory / "keyring").write_text(keyring)
    program = directory / "program.py"
    program.write_text(SOURCE.replace("/etc/ceph/ceph.client.cinder.keyring", str(directory / "keyring")))
    environ = {"PATH": f"{directory}:{os.environ['PATH']}", "RECORD": str(directory / "record")}
    return subprocess.run([sys.executable, "-I", program], env=environ, capture_output=True, text=True)


def test_secret_key_reaches_libvirt_by_stdin_only(tmp_path: Path) -> None:
    done = store(tmp_path, KEYRING)
    assert done.returncode == 0, done.stderr
    stdin = (tmp_path / "record").read_text()
    assert f"<uuid>{UUID}</uuid>" in stdin
    assert stdin.endswith(KEY)
    arguments = (tmp_path / "record.arguments").read_text()
    assert "secret-define" in arguments
    assert f"secret-set-value {UUID}" in arguments
    assert KEY not in arguments
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("keyring", "message"),
    [
        (None, "No such file or directory"),
        ("[client.glance]\nkey = x\n", "contains no key of"),
        ("nothing", "contains no key of"),
    ],
)
def test_secret_keyring_without_key_fails(tmp_path: Path, keyring: str | None, message: str) -> None:
    done = store(tmp_path, keyring)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "record").exists()


def test_cinder_and_libvirt_use_the_same_secret_uuid() -> None:
    cloud = replace(
        CLOUDS["three-controllers"],
        settings={"volume_backend": "rbd", "compute_driver": "libvirt.LibvirtDriver"},
    )
    (compute, *_), (controller, *_) = cloud.with_role("compute"), cloud.with_role("controller")
    files = {file.path: file.content.reveal() for file in desired(cloud, compute).files}
    assert files[PROGRAM] == SOURCE
    assert f'UUID = "{UUID}"\n' in SOURCE
    (conf,) = (file for file in desired(cloud, controller).files if file.path == "/etc/cinder/cinder.conf")
    assert conf.service == cinder.SERVICE.name
    assert f"rbd_secret_uuid = {UUID}\n" in conf.content.reveal()
    jobs = desired_jobs(cloud, nova_compute.SERVICE, secrets(cloud), "finish")
    hosts = [job.host for job in jobs if PROGRAM in job.argv]
    assert hosts == [host.name for host in cloud.with_role("compute")]
