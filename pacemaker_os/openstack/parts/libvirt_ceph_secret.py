"""The Ceph key with which guests access their volumes, stored as a secret of libvirt on compute nodes.

Ceph is deployed separately (cephadm). The operator copies /etc/ceph/ceph.conf and the keyring of the client
`cinder` to every controller and compute node. A job then stores the key in libvirt, under the UUID that
Cinder passes to Nova. After the key has changed, run the program again manually.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Job

#: The UUID of the secret, also in the program; any UUID works that is the same on all hosts.
UUID = "3f0b4c61-7a55-4a3c-9d0e-5b7d2c1e8f40"

PROGRAM = "/usr/local/sbin/libvirt-ceph-secret"

WHERE = {"volume_backend": "rbd", "compute_driver": "libvirt.LibvirtDriver"}

FILES = (File(path=PROGRAM, program="libvirt_ceph_secret.py", mode=0o755, where=WHERE),)

JOB = Job(
    name="Ceph key in libvirt",
    argv=(PROGRAM,),
    roles=("compute",),
    on_every_host=True,
    when="finish",
    where=WHERE,
)
