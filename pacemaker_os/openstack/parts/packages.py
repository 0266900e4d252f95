"""Packages that several services need."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames

#: A program that os-brick runs to read the machine's UUID before it attaches a volume, if the kernel does not
#: provide it. No package depends on it, and without it backups never finish.
DMI = "dmidecode"

#: The mount helper for NFS.
NFS_CLIENT = DistroNames(debian=("nfs-common",), redhat=("nfs-utils",))
