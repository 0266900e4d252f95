"""A plan as pcs commands."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.plan.diff.compare import PlanOptions, compare
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade
from pacemaker_os.render.plan.pcs import pcs_commands

DOCUMENT = """
properties: {no-quorum-policy: stop}
nodes: {n1: {rack: "left side"}}
resources:
  vip:
    agent: ocf:heartbeat:IPaddr2
    params: {ip: 10.0.0.1}
    monitor: 30s
  lb: {agent: systemd:haproxy, clone: {interleave: true}}
  fence: {agent: stonith:fence_ipmilan, params: {ip: 10.0.0.9}}
order: [lb then vip]
colocation: [vip with lb]
location: [vip on n1 (100)]
"""

#: pcs adds a monitor to resources without one, so this document has them all.
FOR_PCS = """
properties: {no-quorum-policy: stop}
resources:
  vip: {agent: ocf:pacemaker:Dummy, params: {fake: 10.0.0.1}, monitor: 30s}
  lb: {agent: ocf:pacemaker:Dummy, monitor: 10s, clone: {interleave: true}}
  web: {group: {w1: {agent: ocf:pacemaker:Dummy, monitor: 10s}}}
order: [lb then vip (optional)]
colocation: [web with vip (100)]
location: [{resource: lb, where: rack eq right}]
"""

ADDED = """\
pcs property set no-quorum-policy=stop
pcs node attribute n1 'rack=left side'
pcs resource create vip ocf:heartbeat:IPaddr2 ip=10.0.0.1 op monitor interval=30s --no-default-ops
pcs resource create lb systemd:haproxy --no-default-ops
pcs resource clone lb lb-clone
pcs resource meta lb-clone interleave=true
pcs stonith create fence fence_ipmilan ip=10.0.0.9
pcs constraint order lb-clone then vip id=order-lb-clone-vip-mandatory
pcs constraint colocation add vip with lb-clone score=INFINITY id=colocation-vip-lb-clone-INFINITY
pcs constraint location add location-vip-n1-100 vip n1 100
"""


def planned(live: Cib, desired: Cib) -> Plan:
    changes = compare(live, desired, options=PlanOptions(new_nodes=True, authoritative=True))
    return Plan(document="d", cluster="c", base=Version(0, 1, 0), digest="", changes=changes)


def commands(live: Cib, desired: Cib) -> list[str]:
    return list(pcs_commands(planned(live, desired)))


def test_pcs_commands_create_objects() -> None:
    found = commands(Cib(), document.load(DOCUMENT))
    assert sorted(found) == sorted(ADDED.splitlines())
    # pcs requires that the resources of a constraint exist.
    assert max(found.index(line) for line in found if " create " in line) < min(
        found.index(line) for line in found if " constraint " in line
    )


def test_pcs_commands_update_and_delete_objects() -> None:
    live = Cib.from_xml(document.load(DOCUMENT).to_xml())
    desired = document.load(
        "nodes: {n1: {rack: right}}\nproperties: {no-quorum-policy: stop}\nresources:\n"
        "  vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 10.0.0.2}, monitor: 30s}\n"
    )
    assert sorted(commands(live, desired)) == [
        "pcs constraint delete colocation-vip-lb-clone-INFINITY",
        "pcs constraint delete location-vip-n1-100",
        "pcs constraint delete order-lb-clone-vip-mandatory",
        "pcs node attribute n1 rack=right",
        "pcs resource delete lb-clone",
        "pcs resource update vip ip=10.0.0.2",
        "pcs stonith delete fence",
    ]


def test_pcs_commands_fall_back_to_cibadmin() -> None:
    text = "resources: {a: {agent: ocf:pacemaker:Dummy}}\nlocation:\n  - {resource: a, where: rack eq left}\n"
    found = commands(Cib(), document.load(text))
    assert found[-1].startswith("cibadmin --create --scope constraints --xml-text '<rsc_location")


def test_pcs_commands_upgrade_schema_and_list_secrets() -> None:
    upgrade = SchemaUpgrade("pacemaker-3.5", "pacemaker-3.9")
    secret = PlannedSecret("vip", "key", "vip-key", ("n1", "n2"))
    found = replace(planned(Cib(), Cib()), upgrade=upgrade, secrets=(secret,))
    assert list(pcs_commands(found)) == [
        "pcs cluster cib-upgrade",
        "# distribute secret vip-key to n1 n2, for vip key",
    ]


@pytest.mark.skipif(shutil.which("pcs") is None, reason="pcs is not installed (Debian: pcs)")
def test_pcs_creates_the_same_configuration(tmp_path: Path) -> None:
    desired = document.load(FOR_PCS)
    path = tmp_path / "cib.xml"
    path.write_bytes(subprocess.run(["cibadmin", "--empty"], capture_output=True, check=True).stdout)
    for line in commands(Cib(), desired):
        program, *words = shlex.split(line)
        option = ["-f", str(path)] if program == "pcs" else []
        environment = {**os.environ, "CIB_file": str(path)}
        subprocess.run([program, *option, *words], env=environment, capture_output=True, check=True)
    assert compare(Cib.from_xml(path.read_bytes()), desired, options=PlanOptions()) == ()
