"""What Pacemaker's scheduler does, from crm_simulate alone: the code of pcs-os is not used here."""

from __future__ import annotations

import os
import subprocess
import tempfile
from copy import deepcopy
from pathlib import Path

from lxml import etree

ONLINE = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
FAILED = {"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "member"}


class Refused(Exception):
    """This Pacemaker cannot simulate the CIB."""


def simulate(cib: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Run a whole transition; return the resulting CIB and the report of crm_simulate."""
    with tempfile.TemporaryDirectory() as directory:
        start, end = Path(directory, "start.xml"), Path(directory, "end.xml")
        start.write_bytes(etree.tostring(cib))
        done = subprocess.run(
            ["crm_simulate", "-S", "--output-as=xml", "-x", start, "-O", end],
            capture_output=True,
            env={**os.environ, "CIB_shadow_dir": directory},
        )
        try:
            report = etree.fromstring(done.stdout)
            after = report.find("revised_cluster_status")
            if after is None:
                raise Refused(done.stderr.decode()[:200])
            return etree.parse(end).getroot(), after
        except (etree.XMLSyntaxError, OSError) as error:
            raise Refused(str(error)) from None


def all_online(cib: etree._Element) -> etree._Element:
    """Return a copy in which all cluster nodes are online and run nothing."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    status = etree.SubElement(copy, "status")
    names = []
    for clone in copy.iterfind("configuration/resources/*"):
        meta = {e.get("name"): e.get("value", "") for e in clone.iterfind("meta_attributes/nvpair")}
        if clone.tag == "master" or meta.get("promotable", "").lower() in ("true", "yes", "on", "1", "y"):
            names += [str(each.get("id")) for each in clone.iter("primitive")]
    for number, node in enumerate(copy.iterfind("configuration/nodes/node")):
        if node.get("type") == "remote":
            continue
        state = etree.SubElement(status, "node_state", id=node.get("id"), uname=node.get("uname"), **ONLINE)
        etree.SubElement(etree.SubElement(state, "lrm", id=node.get("id")), "lrm_resources")
        transient = etree.SubElement(state, "transient_attributes", id=node.get("id"))
        scores = etree.SubElement(transient, "instance_attributes", id=f"scores-{number}")
        for name in names:
            identifier = f"score-{number}-{name}"
            etree.SubElement(scores, "nvpair", id=identifier, name=f"master-{name}", value="100")
    copy.set("have-quorum", "1")
    return copy


def lose(cib: etree._Element, name: str, *, quorum: bool) -> etree._Element:
    """Return a copy in which a node has failed."""
    copy = deepcopy(cib)
    for state in copy.iterfind("status/node_state"):
        if state.get("uname") == name:
            for key, value in FAILED.items():
                state.set(key, value)
    copy.set("have-quorum", "1" if quorum else "0")
    return copy


def running(report: etree._Element, *, without: str = "") -> dict[str, set[tuple[str, bool]]]:
    """Return each service with the nodes that it runs on, and whether it is promoted there."""
    found: dict[str, set[tuple[str, bool]]] = {}
    for each in report.iterfind("resources//resource"):
        if each.get("orphaned") == "true" or each.get("active") != "true":
            continue
        promoted = each.get("role") in ("Promoted", "Master")
        for node in each.iterfind("node"):
            if node.get("name") != without:
                found.setdefault(each.get("id").split(":")[0], set()).add((node.get("name"), promoted))
    return found


def is_fencing(report: etree._Element) -> set[str]:
    """Return the names of fencing devices."""
    return {
        each.get("id").split(":")[0]
        for each in report.iterfind("resources//resource")
        if each.get("resource_agent", "").startswith("stonith:")
    }
