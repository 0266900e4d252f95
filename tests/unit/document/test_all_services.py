"""The meaning of short forms to Pacemaker's scheduler."""

from __future__ import annotations

import re

from simulation import needs_scheduler, simulate

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


@needs_scheduler
def test_all_resources_excludes_fencing_devices(tmp_path):
    # A pattern (rsc-pattern=".*") would also match fencing devices and resources of other documents.
    printed = simulate(document.load(TEXT), tmp_path)
    starts = dict(re.findall(r"Start +(\S+) +\( +(n\d) \)", printed))
    assert starts == {"a": "n1", "b:0": "n1", "c": "n1", "fence": "n2"}
    probes = set(re.findall(r"Resource action: (\S+) +monitor on (n\d)", printed))
    # With exclusive discovery, services are not even probed on other nodes.
    assert {node for name, node in probes if name != "fence"} == {"n1"}
    assert {node for name, node in probes if name == "fence"} == {"n1", "n2", "n3"}


def test_except_removes_resources_from_all_resources():
    text = TEXT.replace('resources: "*",', 'resources: "*", except: [b],')
    (first, _) = document.load(text).constraints
    assert [member.id for member in first.sets[0].members] == ["a", "g"]


@needs_scheduler
def test_colocation_set_members_follow_previous_member(tmp_path):
    text = """
properties: {stonith-enabled: false}
nodes: {n1: {}, n2: {}}
resources: {a: {agent: "ocf:pacemaker:Dummy"}, b: {agent: "ocf:pacemaker:Dummy"}}
colocation: [{sets: [[a, b]]}]
location: [BANNED avoids n1, BANNED avoids n2]
"""
    without_first = simulate(document.load(text.replace("BANNED", "a")), tmp_path)
    assert "Start" not in without_first
    without_second = simulate(document.load(text.replace("BANNED", "b")), tmp_path)
    assert re.findall(r"Start +(\S+)", without_second) == ["a"]
