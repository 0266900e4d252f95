"""The key with which guests reach their volumes in Ceph: libvirt on compute nodes must have it.

Ceph is deployed by its own means (cephadm). Its operator lays /etc/ceph/ceph.conf and the keyring of the
client `cinder` on every controller and compute node; from there libvirt is told the key, under the number by
which Cinder names it to Nova. After a change of the key the program is run again by hand.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Job

#: What libvirt calls the key; any number would do that is the same for Cinder and on all compute nodes.
SECRET = "3f0b4c61-7a55-4a3c-9d0e-5b7d2c1e8f40"  # noqa: S105 (a number)

PROGRAM = "/usr/local/sbin/libvirt-ceph-secret"

#: The key goes by standard input, as command lines are seen by all.
SCRIPT = f"""\
#!/usr/bin/python3
# Tells libvirt the key with which guests reach their volumes in Ceph; once told, it keeps it.
import configparser
import subprocess
import sys

NUMBER = "{SECRET}"
KEYRING = "/etc/ceph/ceph.client.cinder.keyring"
XML = \"\"\"\\
<secret ephemeral='no' private='yes'>
  <uuid>%s</uuid>
  <usage type='ceph'><name>client.cinder</name></usage>
</secret>
\"\"\" % NUMBER


def virsh(*words, said):
    line = ["virsh", "--quiet", "--connect", "qemu:///system", *words, "--file", "/dev/stdin"]
    subprocess.run(line, input=said.encode(), stdout=subprocess.DEVNULL, check=True)


keyring = configparser.ConfigParser(interpolation=None, strict=False)
try:
    with open(KEYRING) as stream:
        keyring.read_file(stream)
    key = keyring["client.cinder"]["key"]
except OSError as error:
    sys.exit(f"{{KEYRING}}: {{error.strerror}}; Ceph's operator lays it there")
except (configparser.Error, KeyError):
    sys.exit(f"{{KEYRING}} has no key of client.cinder")
virsh("secret-define", said=XML)
virsh("secret-set-value", NUMBER, said=key)
"""

WHERE = {"volume_backend": "rbd", "compute_driver": "libvirt.LibvirtDriver"}

FILES = (File(path=PROGRAM, content=SCRIPT, mode=0o755, where=WHERE),)

JOB = Job(
    name="the key of volumes in Ceph",
    argv=(PROGRAM,),
    roles=("compute",),
    each=True,
    when="finish",
    where=WHERE,
)
