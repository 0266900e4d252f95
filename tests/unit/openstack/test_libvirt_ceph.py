"""The program that tells libvirt the key of volumes in Ceph, before a libvirt that writes down its words."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import jobs, wanted_host
from pacemaker_os.openstack.services import cinder, nova_compute
from pacemaker_os.openstack.services.libvirt_ceph import PROGRAM, SCRIPT, SECRET

KEY = "AQBzZVhlAAAAABAA1fVhZ7vWdO8C3q9x4mJm2Q=="
KEYRING = f'[client.cinder]\n\tkey = {KEY}\n\tcaps mon = "profile rbd"\n'

VIRSH = """#!/bin/sh
echo "$@" >>"$HEARD.words"
cat "/dev/stdin" >>"$HEARD"
"""


def tell(folder: Path, keyring: str | None) -> subprocess.CompletedProcess[str]:
    """Run the program with this keyring, or none."""
    (folder / "virsh").write_text(VIRSH)
    (folder / "virsh").chmod(0o755)
    if keyring is not None:
        (folder / "keyring").write_text(keyring)
    program = SCRIPT.replace("/etc/ceph/ceph.client.cinder.keyring", str(folder / "keyring"))
    environ = {"PATH": f"{folder}:{os.environ['PATH']}", "HEARD": str(folder / "heard")}
    return subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True)


def test_libvirt_hears_the_key_and_nobody_else(tmp_path: Path) -> None:
    ended = tell(tmp_path, KEYRING)
    assert ended.returncode == 0, ended.stderr
    heard = (tmp_path / "heard").read_text()
    assert f"<uuid>{SECRET}</uuid>" in heard
    assert heard.endswith(KEY)
    words = (tmp_path / "heard.words").read_text()
    assert "secret-define" in words
    assert f"secret-set-value {SECRET}" in words
    assert KEY not in words
    assert KEY not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("keyring", "said"),
    [
        (None, "No such file or directory"),
        ("[client.glance]\nkey = x\n", "no key of"),
        ("nothing", "no key of"),
    ],
)
def test_a_keyring_without_the_key_is_told(tmp_path: Path, keyring: str | None, said: str) -> None:
    ended = tell(tmp_path, keyring)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "heard").exists()


def test_cinder_names_the_key_by_the_number_that_libvirt_has() -> None:
    cloud = replace(
        CLOUDS["three-controllers"],
        settings={"volume_backend": "rbd", "compute_driver": "libvirt.LibvirtDriver"},
    )
    (compute, *_), (controller, *_) = cloud.with_role("compute"), cloud.with_role("controller")
    files = {file.path: file.content.reveal() for file in wanted_host(cloud, compute, secrets(cloud)).files}
    assert files[PROGRAM] == SCRIPT
    wanted = wanted_host(cloud, controller, secrets(cloud))
    (conf,) = (file for file in wanted.files if file.path == "/etc/cinder/cinder.conf")
    assert conf.service == cinder.SERVICE.name
    assert f"rbd_secret_uuid = {SECRET}\n" in conf.content.reveal()
    run = [job for job in jobs(cloud, nova_compute.SERVICE, secrets(cloud), "finish") if PROGRAM in job.argv]
    assert [job.host for job in run] == [host.name for host in cloud.with_role("compute")]
