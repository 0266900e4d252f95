"""What the short forms mean to Pacemaker's scheduler."""

from __future__ import annotations

import re

from scheduler import needs_scheduler, simulate

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
def test_everything_means_the_services_and_not_the_fencing_devices(tmp_path):
    # A pattern (rsc-pattern=".*") would also bind fencing devices, and what other documents own.
    printed = simulate(document.load(TEXT), tmp_path)
    starts = dict(re.findall(r"Start +(\S+) +\( +(n\d) \)", printed))
    assert starts == {"a": "n1", "b:0": "n1", "c": "n1", "fence": "n2"}
    probes = set(re.findall(r"Resource action: (\S+) +monitor on (n\d)", printed))
    # Exclusive discovery: services are not even looked for elsewhere.
    assert {node for name, node in probes if name != "fence"} == {"n1"}
    assert {node for name, node in probes if name == "fence"} == {"n1", "n2", "n3"}


def test_exceptions():
    text = TEXT.replace('resources: "*",', 'resources: "*", except: [b],')
    (first, _) = document.load(text).constraints
    assert [member.id for member in first.sets[0].members] == ["a", "g"]


@needs_scheduler
def test_in_a_set_each_is_where_the_one_before_it_is(tmp_path):
    text = """
properties: {stonith-enabled: false}
nodes: {n1: {}, n2: {}}
resources: {a: {agent: "ocf:pacemaker:Dummy"}, b: {agent: "ocf:pacemaker:Dummy"}}
colocation: [{sets: [[a, b]]}]
location: [BANNED avoids n1, BANNED avoids n2]
"""
    nothing = simulate(document.load(text.replace("BANNED", "a")), tmp_path)
    assert "Start" not in nothing
    first = simulate(document.load(text.replace("BANNED", "b")), tmp_path)
    assert re.findall(r"Start +(\S+)", first) == ["a"]
