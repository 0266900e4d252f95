"""Simulate a document with Pacemaker's scheduler on a cluster that has just started."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os.cib import Cib

needs_scheduler = pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")


def simulate(cib: Cib, directory: Path, promotable: tuple[str, ...] = ()) -> str:
    """Return the output of crm_simulate. Later nodes have higher promotion scores for `promotable`."""
    root = etree.Element(
        "cib", {"validate-with": "pacemaker-3.9", "admin_epoch": "0", "epoch": "1", "num_updates": "0"}
    )
    root.set("have-quorum", "1")
    root.append(cib.to_element())
    status = etree.SubElement(root, "status")
    members = [node.uname or "" for node in cib.nodes if node.type != "remote"]
    for weight, name in enumerate(members, 1):
        online = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
        state = etree.SubElement(status, "node_state", {"id": name, "uname": name, **online})
        etree.SubElement(etree.SubElement(state, "lrm", {"id": name}), "lrm_resources")
        transient = etree.SubElement(state, "transient_attributes", {"id": name})
        pairs = etree.SubElement(transient, "instance_attributes", {"id": f"status-{name}"})
        for each in promotable:
            attributes = {"id": f"status-{name}-{each}", "name": f"master-{each}", "value": str(weight)}
            etree.SubElement(pairs, "nvpair", attributes)
    path = directory / "cib.xml"
    path.write_bytes(etree.tostring(root))
    done = subprocess.run(["crm_simulate", "-S", "-x", path], capture_output=True, text=True, check=True)
    return done.stdout
