"""Agent metadata in the formats of OCF 1.0, OCF 1.1 and fencing agents."""

from __future__ import annotations

from pacemaker_os.cluster.metadata import Action, Metadata, Parameter, parse
from pacemaker_os.transport.fake import Expect, FakeTransport

OCF = b"""<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="Thing" version="1.2">
<version>1.1</version>
<shortdesc lang="en">Does
  a thing</shortdesc>
<parameters>
<parameter name="ip" unique="1" required="1"><shortdesc lang="en">Address</shortdesc>
<content type="string" default="" /></parameter>
<parameter name="mode" unique="1" unique-group="place">
<content type="select" default="a"><option value="a"/><option value="b"/></content>
</parameter>
<parameter name="old"><deprecated><replaced-with name="mode"/></deprecated><content type="string"/>
</parameter>
</parameters>
<actions><action name="start" timeout="20s"/>
<action name="monitor" depth="0" timeout="20s" interval="10s" role="Promoted"/></actions>
</resource-agent>"""

FENCE = b"""<?xml version="1.0" ?>
<resource-agent name="fence_x" shortdesc="Fences x" >
<parameters><parameter name="ipaddr" unique="0" required="1" deprecated="1"><content type="string"/>
</parameter>
</parameters><actions><action name="on" automatic="0"/></actions></resource-agent>"""


def test_metadata_of_ocf_agents_is_parsed() -> None:
    agent = parse("ocf:x:Thing", OCF)
    assert agent is not None
    assert (agent.version, agent.summary) == ("1.2", "Does a thing")
    assert agent.parameters == (
        Parameter("ip", True, "string", "", summary="Address", unique_group="ip"),
        Parameter("mode", False, "select", "a", ("a", "b"), unique_group="place"),
        Parameter("old", False, "string", None, deprecated=True, replaced_by="mode"),
    )
    assert agent.actions[1] == Action("monitor", "20s", "10s", "Promoted")


def test_metadata_of_fencing_agents_is_parsed() -> None:
    agent = parse("stonith:fence_x", FENCE)
    assert agent is not None
    assert agent.summary == "Fences x"
    parameter = agent.parameter("ipaddr")
    assert parameter is not None
    assert parameter.required
    assert parameter.deprecated


def test_invalid_metadata_is_ignored() -> None:
    assert parse("x", b"") is None
    assert parse("x", b"usage: ...") is None
    assert parse("x", b"<html/>") is None


def test_metadata_of_each_agent_is_read_once() -> None:
    transport = FakeTransport([Expect(("crm_resource", "--show-metadata", "ocf:x:Thing"), stdout=OCF)])
    metadata = Metadata(transport)
    assert metadata.read(["ocf:x:Thing", "ocf:x:Thing"]) == metadata.read(["ocf:x:Thing"])
    transport.finish()


def test_missing_agent_has_no_metadata() -> None:
    asked = Expect(("crm_resource", "--show-metadata", "ocf:x:No"), stderr="not found", status=5)
    assert Metadata(FakeTransport([asked])).read(["ocf:x:No"]) == {"ocf:x:No": None}
