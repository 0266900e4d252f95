"""Names of roles depend on the schema of the CIB."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.schema import version, with_roles_of

TEXT = """
resources:
  db:
    agent: ocf:heartbeat:pgsql
    operations: {monitor: [{interval: 10s, role: Promoted}, {interval: 11s, role: Unpromoted}, 12s]}
    promotable: {}
  vip: {agent: "ocf:heartbeat:IPaddr2"}
colocation: [vip with Promoted db]
"""


@pytest.mark.parametrize(
    ("name", "number"), [("pacemaker-3.10", (3, 10)), ("none", None), (None, None), ("pacemaker-next", None)]
)
def test_version_of_schema_name(name, number):
    assert version(name) == number


def test_old_schema_has_former_roles():
    cib = document.load(TEXT)
    old = (replace(cib, attributes=(("validate-with", "pacemaker-3.5"),))).to_xml()
    assert 'role="Master"' in old
    assert 'role="Slave"' in old
    assert 'with-rsc-role="Master"' in old
    assert "Promoted" not in old
    again = Cib.from_xml(old)
    assert [meaning(each) for each in again.objects()] == [meaning(each) for each in cib.objects()]


@pytest.mark.parametrize("name", ["pacemaker-3.7", "pacemaker-3.10", "pacemaker-4.0", "none", None])
def test_new_schema_has_current_roles(name):
    cib = document.load(TEXT)
    assert with_roles_of(name, cib) is cib


def test_document_of_old_schema_has_former_roles():
    data = (
        '<cib validate-with="{}"><configuration><constraints>'
        '<rsc_colocation id="c" rsc="a" with-rsc="b" with-rsc-role="Master" score="1"/>'
        "</constraints></configuration></cib>"
    )
    assert "a with Master b (1)" in document.dump(Cib.from_xml(data.format("pacemaker-3.0")))
    assert "a with Promoted b (1)" in document.dump(Cib.from_xml(data.format("pacemaker-3.9")))
