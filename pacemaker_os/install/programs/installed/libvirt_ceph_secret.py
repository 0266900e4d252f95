#!/usr/bin/python3
"""Store the key of Ceph's client `cinder` in libvirt, so that guests can reach their volumes in Ceph."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

#: The UUID of the secret in libvirt; Cinder passes the same one to Nova (rbd_secret_uuid).
UUID = "3f0b4c61-7a55-4a3c-9d0e-5b7d2c1e8f40"
KEYRING = Path("/etc/ceph/ceph.client.cinder.keyring")
CLIENT = "client.cinder"
DEFINITION = f"""\
<secret ephemeral='no' private='yes'>
  <uuid>{UUID}</uuid>
  <usage type='ceph'><name>{CLIENT}</name></usage>
</secret>
"""


def virsh(*args: str, stdin: str) -> None:
    """Run virsh with this input; the key must not appear in arguments, which all users can read."""
    command = ["virsh", "--quiet", "--connect", "qemu:///system", *args, "--file", "/dev/stdin"]
    subprocess.run(command, input=stdin.encode(), stdout=subprocess.DEVNULL, check=True)


def read_key() -> str:
    """Return the key in the keyring, or exit with the reason why there is none."""
    keyring = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        keyring.read_string(KEYRING.read_text())
        return keyring[CLIENT]["key"]
    except OSError as error:
        sys.exit(f"cannot read {KEYRING}: {error.strerror}; copy it from the Ceph cluster")
    except (configparser.Error, KeyError):
        sys.exit(f"{KEYRING} contains no key of {CLIENT}")


def main() -> None:
    """Define the secret, and set its value."""
    key = read_key()
    virsh("secret-define", stdin=DEFINITION)
    virsh("secret-set-value", UUID, stdin=key)


if __name__ == "__main__":
    main()
