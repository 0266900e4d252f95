"""Comments of a CIB are written once, above the object that contains them."""

from pacemaker_os import document
from pacemaker_os.cib import Cib

XML = """
<configuration>
  <!-- one -->
  <crm_config><cluster_property_set id="cib-bootstrap-options"><!-- two -->
    <nvpair id="x" name="no-quorum-policy" value="stop"/></cluster_property_set></crm_config>
  <nodes/>
  <resources>
    <!-- three -->
    <primitive id="a" class="ocf" provider="pacemaker" type="Dummy">
      <instance_attributes id="p"><nvpair id="f" name="fake" value="1"/><!-- four --></instance_attributes>
    </primitive>
    <group id="g"><!-- five --><primitive id="b" class="ocf" provider="pacemaker" type="Dummy">
      <!-- six --><operations><op id="b-m" name="monitor" interval="10s"/></operations></primitive></group>
  </resources>
  <constraints><!-- seven --><rsc_order id="o" first="a" then="g"/></constraints>
  <fencing-topology><fencing-level id="f" target-pattern="n.*" index="1" devices="d"><!-- eight -->
  </fencing-level></fencing-topology>
  <tags><tag id="t"><!-- nine --><obj_ref id="a"/></tag></tags>
</configuration>
"""
COMMENTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def test_dump_writes_every_comment_once_in_order() -> None:
    text = document.dump(Cib.from_xml(XML))
    assert [line.strip(" #") for line in text.splitlines() if line.lstrip().startswith("#")] == COMMENTS


def test_dump_with_comments_loads_as_same_document() -> None:
    text = document.dump(Cib.from_xml(XML))
    assert document.dump(document.load(text)) == "".join(
        line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#")
    )
