"""Pacemaker's scheduler starts all resources of the shipped documents."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from simulation import needs_scheduler, simulate

from pacemaker_os import document
from pacemaker_os.cib.resources import Clone, Primitive

SHIPPED = sorted((Path(__file__).parents[2] / "cib").glob("*.cib.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
@needs_scheduler
def test_shipped_document_starts_all_resources(path, tmp_path):
    cib = document.load(path.read_text(), file=path.name)
    if not any(isinstance(each, Primitive) and each.class_ == "stonith" for each in cib.resources):
        # The cluster of the quickstart has its own fencing.
        device = Primitive(id="device", class_="stonith", type="fence_dummy")
        cib = replace(cib, resources=(*cib.resources, device))
    inner = [each.child.id for each in cib.resources if isinstance(each, Clone) and each.child]
    printed = simulate(cib, tmp_path, promotable=tuple(inner))
    after = printed[printed.index("Revised Cluster Status") :]
    remotes = {node.uname for node in cib.nodes if node.type == "remote"}
    members = {node.uname for node in cib.nodes} - remotes
    assert re.findall(r"^ +\* (\S+)\t.*Stopped", after, re.MULTILINE) == []
    for stopped in re.findall(r"Stopped: \[ (.*) \]", after):
        # A clone for controllers is stopped on all compute nodes, and vice versa.
        assert set(stopped.split()) in (remotes, members)
