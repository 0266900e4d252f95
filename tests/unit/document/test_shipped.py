"""The shipped documents are good, and Pacemaker's scheduler starts everything that they say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from scheduler import needs_scheduler, simulate

from pacemaker_os import document
from pacemaker_os.cib.grammar import violations
from pacemaker_os.cib.resources import Clone, Primitive
from pacemaker_os.document import Source
from pacemaker_os.document.checks import check

SHIPPED = sorted((Path(__file__).parents[3] / "cib").glob("*.cib.yaml"))
GRAMMAR = Path("/usr/share/pacemaker/pacemaker-3.9.rng")
shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)


def read(path: Path) -> document.Document:
    return document.read([Source(path.name, path.read_text())])


@shipped
def test_they_are_good(path):
    assert [finding for finding in check(read(path).cib) if not finding.advice] == []


@shipped
@pytest.mark.skipif(not GRAMMAR.is_file(), reason="Pacemaker's grammars are not installed")
def test_the_grammar_allows_them(path):
    assert violations(read(path).cib, etree.RelaxNG(file=str(GRAMMAR))) == ()


@shipped
def test_their_secrets_are_not_in_the_cib(path):
    found = read(path)
    for use in found.secrets:
        assert use.secret
    assert found.cib.to_xml().count('value="lrm://"') == len(found.secrets)


@shipped
@needs_scheduler
def test_everything_starts(path, tmp_path):
    cib = read(path).cib
    if not any(isinstance(each, Primitive) and each.class_ == "stonith" for each in cib.resources):
        # The quickstart's cluster brings its own fencing.
        device = Primitive(id="device", class_="stonith", type="fence_dummy")
        cib = replace(cib, resources=(*cib.resources, device))
    inner = [each.child.id for each in cib.resources if isinstance(each, Clone) and each.child]
    printed = simulate(cib, tmp_path, promotable=tuple(inner))
    after = printed[printed.index("Revised Cluster Status") :]
    remotes = {node.uname for node in cib.nodes if node.type == "remote"}
    members = {node.uname for node in cib.nodes} - remotes
    assert re.findall(r"^ +\* (\S+)\t.*Stopped", after, re.MULTILINE) == []
    for stopped in re.findall(r"Stopped: \[ (.*) \]", after):
        # A clone for controllers is stopped on all compute nodes, and the other way round.
        assert set(stopped.split()) in (remotes, members)
