"""What Pacemaker's scheduler does, from crm_simulate alone: the code of pcs-os is not used here."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection
from copy import deepcopy
from pathlib import Path

from lxml import etree

ONLINE = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
FAILED = {"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "member"}

#: The services that run: each with its nodes, and whether it is promoted there.
Running = dict[str, set[tuple[str, bool]]]


class Refused(Exception):
    """Something cannot be simulated or planned; the message is the reason."""


def feature_set() -> tuple[int, ...]:
    """Return the feature set of the installed Pacemaker."""
    done = subprocess.run(["cibadmin", "--empty"], capture_output=True, check=True)
    return tuple(map(int, etree.fromstring(done.stdout).get("crm_feature_set", "0").split(".")))


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
            if report.find("revised_cluster_status") is None:
                raise Refused(f"crm_simulate: {done.stderr.decode()[:200]}")
            return etree.parse(end).getroot(), report
        except (etree.XMLSyntaxError, OSError) as error:
            raise Refused(f"crm_simulate ends with {done.returncode}: {error}") from None


def settle(cib: etree._Element) -> tuple[etree._Element, Running]:
    """Run transitions until nothing changes, at most five; return the last CIB and the services that run."""
    before: Running = {}
    for _ in range(5):
        cib, report = simulate(cib)
        after = whole_bundles(running(report), report)
        if after == before:
            break
        before = after
    return cib, before


def verify(cib: etree._Element) -> list[str]:
    """Return the errors that crm_verify finds in a CIB, without those about missing fencing devices."""
    done = subprocess.run(
        ["crm_verify", "-VV", "--xml-pipe"], input=etree.tostring(cib), capture_output=True, text=False
    )
    lines = (line.partition(" error: ") for line in done.stderr.decode().splitlines())
    return [text.strip() for _, level, text in lines if level and not text.strip().startswith(FENCING)]


#: Beginnings of the errors of every cluster without fencing, which plans explain in a note.
FENCING = (
    "Resource start-up disabled since no STONITH resources",
    "Either configure some or disable STONITH",
    "NOTE: Clusters with shared data need STONITH",
)


def all_online(cib: etree._Element) -> etree._Element:
    """Return a copy in which all cluster nodes are online and run nothing."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    status = etree.SubElement(copy, "status")
    members = [node for node in copy.iterfind("configuration/nodes/node") if node.get("type") != "remote"]
    for node in members:
        state = etree.SubElement(status, "node_state", id=node.get("id"), uname=node.get("uname"), **ONLINE)
        etree.SubElement(etree.SubElement(state, "lrm", id=node.get("id")), "lrm_resources")
    copy.set("have-quorum", "1")
    if members and copy.get("dc-uuid") not in [node.get("id") for node in members]:
        copy.set("dc-uuid", members[0].get("id"))
    return let_be_promoted(copy, promotable(copy))


def promotable(cib: etree._Element) -> list[str]:
    """Return the primitives in promotable clones and bundles."""
    names = []
    for clone in cib.iterfind("configuration/resources/*"):
        meta = {e.get("name"): e.get("value", "") for e in clone.iterfind("meta_attributes/nvpair")}
        if (
            clone.tag == "master"
            or meta.get("promotable", "").lower() in ("true", "yes", "on", "1", "y")
            or any(each.get("promoted-max", "0") != "0" or each.get("masters", "0") != "0" for each in clone)
        ):
            names += [str(each.get("id")) for each in clone.iter("primitive")]
    return names


def let_be_promoted(cib: etree._Element, names: Collection[str]) -> etree._Element:
    """Return a copy with the promotion scores that healthy agents set."""
    copy = deepcopy(cib)
    status = copy.find("status")
    known = {each.get("uname") for each in status}
    for bundle in copy.iterfind("configuration/resources/bundle"):
        if not any(each.get("id") in names for each in bundle.iterfind("primitive")):
            continue
        container = next(each for each in bundle if each.tag in ("docker", "podman", "rkt"))
        promoted = container.get("promoted-max") or container.get("masters") or "1"
        for number in range(int(container.get("replicas") or promoted)):
            if (node := f"{bundle.get('id')}-{number}") not in known:
                etree.SubElement(status, "node_state", id=node, uname=node, remote_node="true")
    for number, state in enumerate(copy.iterfind("status/node_state")):
        transient = state.find("transient_attributes")
        if transient is None:
            transient = etree.SubElement(state, "transient_attributes", id=str(state.get("id")))
        scores = etree.SubElement(transient, "instance_attributes", id=f"scores-{number}")
        for name in names:
            identifier = f"score-{number}-{name}"
            etree.SubElement(scores, "nvpair", id=identifier, name=f"master-{name}", value="100")
    return copy


def lose(cib: etree._Element, name: str, *, quorum: bool) -> etree._Element:
    """Return a copy in which a node has failed. If it was the DC, another node becomes the DC."""
    copy = deepcopy(cib)
    others = []
    for state in copy.iterfind("status/node_state"):
        if state.get("uname") == name:
            for key, value in FAILED.items():
                state.set(key, value)
        elif state.get("crmd") == "online":
            others.append(state.get("id"))
    copy.set("have-quorum", "1" if quorum else "0")
    if others and copy.get("dc-uuid") not in others:
        copy.set("dc-uuid", others[0])
    return copy


def bundles(report: etree._Element) -> dict[str, str]:
    """Return the bundle of each resource that Pacemaker makes for it: containers, addresses, connections."""
    found = {}
    for bundle in report.iter("bundle"):
        for each in bundle.iterfind("replica/resource"):
            agent = str(each.get("resource_agent"))
            if agent.endswith((":IPaddr2", ":docker", ":podman", ":rkt", "pacemaker:remote")):
                found[str(each.get("id"))] = str(bundle.get("id"))
    return found


def gone(report: etree._Element) -> set[tuple[str, str]]:
    """Return the resources that stop for good on a node, from the operations that crm_simulate executes.

    The history that it writes does not show this if it contains an operation without a result, and for guest
    nodes that are fenced.
    """
    found: set[tuple[str, str]] = set()
    fenced: set[str] = set()
    for each in report.iterfind("transition/*"):
        place = str(each.get("resource")), str(each.get("node"))
        if each.tag == "pseudo_action" and str(each.get("task")).startswith("stonith-"):
            fenced.add(str(each.get("node")))
        elif each.get("op") == "stop":
            found.add(place)
        elif each.get("op") in ("start", "migrate_from"):
            found.discard(place)
            fenced.discard(place[1])
    return found | {("*", node) for node in fenced}


def running(report: etree._Element, *, state: str = "revised_cluster_status", without: str = "") -> Running:
    """Return the services that run before or after the transition, on other nodes than `without`."""
    found: Running = {}
    stopped = gone(report) if state == "revised_cluster_status" else set()
    for each in report.find(state).iterfind("resources//resource"):
        if each.get("orphaned") == "true" or each.get("active") != "true":
            continue
        promoted = each.get("role") in ("Promoted", "Master")
        for node in (str(node.get("name")) for node in each.iterfind("node")):
            if node != without and stopped.isdisjoint({(each.get("id"), node), ("*", node)}):
                found.setdefault(each.get("id").split(":")[0], set()).add((node, promoted))
    return found


def whole_bundles(found: Running, report: etree._Element) -> Running:
    """Return the services with bundles instead of the resources that Pacemaker makes for them."""
    made, whole = bundles(report), Running()
    for name, nodes in found.items():
        whole.setdefault(made.get(name, name), set()).update(nodes)
    return whole


def stopping(report: etree._Element) -> Running:
    """Return the services that stop in later transitions, as crm_simulate has given up this one.

    It does so if an order waits for a resource on a node that cannot be fenced without quorum.
    """
    found: Running = {}
    for each in report.iterfind("actions/rsc_action[@action='stop']"):
        if each.get("blocked") != "true":
            name = str(each.get("resource")).split(":")[0]
            found.setdefault(name, set()).update({(each.get("node"), True), (each.get("node"), False)})
    return found


def is_fencing(report: etree._Element) -> set[str]:
    """Return the names of fencing devices."""
    return {
        each.get("id").split(":")[0]
        for each in report.iterfind("revised_cluster_status/resources//resource")
        if each.get("resource_agent", "").startswith("stonith:")
    }
