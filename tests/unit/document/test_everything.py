"""`resources: "*"` holds for the document's services and leaves fencing devices alone.

A pattern (`rsc-pattern=".*"`) would also bind fencing devices, and what other documents own.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from lxml import etree

from pacemaker_os import document

TEXT = """
properties: {stonith-enabled: false}
nodes: {n1: {role: controller}, n2: {role: compute}, n3: {role: compute}}
resources:
  a: {agent: "ocf:pacemaker:Dummy"}
  b: {agent: "ocf:pacemaker:Dummy", clone: {}}
  g: {group: {c: {agent: "ocf:pacemaker:Dummy"}}}
  fence: {agent: "stonith:fence_dummy"}
location:
  - {resources: "*", where: role eq controller, discovery: exclusive}
  - fence on n2
"""


@pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")
def test_the_scheduler_takes_it_for_services_alone(tmp_path):
    root = etree.Element(
        "cib", {"validate-with": "pacemaker-3.7", "admin_epoch": "0", "epoch": "1", "num_updates": "0"}
    )
    root.set("have-quorum", "1")
    root.append(document.load(TEXT).to_element())
    status = etree.SubElement(root, "status")
    for name in ("n1", "n2", "n3"):
        online = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
        state = etree.SubElement(status, "node_state", {"id": name, "uname": name, **online})
        lrm = etree.SubElement(state, "lrm", {"id": name})
        etree.SubElement(lrm, "lrm_resources")
    path = tmp_path / "cib.xml"
    path.write_bytes(etree.tostring(root))
    done = subprocess.run(["crm_simulate", "-S", "-x", path], capture_output=True, text=True, check=True)
    starts = dict(re.findall(r"Start +(\S+) +\( +(n\d) \)", done.stdout))
    assert starts == {"a": "n1", "b:0": "n1", "c": "n1", "fence": "n2"}
    probes = set(re.findall(r"Resource action: (\S+) +monitor on (n\d)", done.stdout))
    # Exclusive discovery: services are not even looked for elsewhere.
    assert {node for name, node in probes if name != "fence"} == {"n1"}
    assert {node for name, node in probes if name == "fence"} == {"n1", "n2", "n3"}


def test_exceptions():
    text = TEXT.replace('resources: "*",', 'resources: "*", except: [b],')
    (first, _) = document.load(text).constraints
    assert [member.id for member in first.sets[0].members] == ["a", "g"]
