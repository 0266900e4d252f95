"""Rejections of a schema that only the node has."""

from __future__ import annotations

import io
import tarfile
from typing import Any, cast

import pytest

from pacemaker_os import document
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning import grammar
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.transport.base import Result

SCHEMA = """<grammar xmlns="http://relaxng.org/ns/structure/1.0"><include href="other.rng"/></grammar>"""
#: Allows a configuration without resources only.
INCLUDED = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start><element name="cib">
  <zeroOrMore><attribute><anyName/></attribute></zeroOrMore>
  <element name="configuration">
    <element name="crm_config"><empty/></element><element name="nodes"><empty/></element>
    <element name="resources"><empty/></element><element name="constraints"><empty/></element>
  </element>
  <optional><element name="status"><empty/></element></optional>
</element></start></grammar>
"""
CIB = """
<cib validate-with="pacemaker-99.0" epoch="1" num_updates="0" admin_epoch="0">
<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>
"""
WEB = "resources:\n  web: {agent: 'ocf:pacemaker:Dummy'}\n"


class Node:
    """A node with a schema that this machine lacks."""

    name = "node"

    def __init__(self, status: int) -> None:
        self._status = status

    def read(self) -> Snapshot:
        return Snapshot.of(CIB.encode())

    def run(self, argv: list[str], **_: Any) -> Result:
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            for name, text in (("pacemaker-99.0.rng", SCHEMA), ("other.rng", INCLUDED)):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
        return Result(tuple(argv), self._status, data.getvalue(), b"", 0.0)


def cluster_of(node: Node) -> Cluster:
    return Cluster(cast(Any, node), None, cast(Any, node), live=True, target=Target())


def rejected(node: Node, code: str) -> None:
    """Raise a rejection of Pacemaker while a document is planned."""
    with grammar.rejections_at_lines(cluster_of(node), document.load(WEB, file="site.cib.yaml")):
        raise ClusterError("rejected", code=code)


def test_rejection_has_the_line_of_the_document() -> None:
    with pytest.raises(InputError) as caught:
        rejected(Node(0), "schema")
    assert {(each.file, each.line) for each in caught.value.problems} == {("site.cib.yaml", 2)}


@pytest.mark.parametrize(("status", "code"), [(1, "schema"), (0, "refused")])
def test_other_errors_stay(status: int, code: str) -> None:
    with pytest.raises(ClusterError, match="rejected") as caught:
        rejected(Node(status), code)
    assert caught.value.code == code
