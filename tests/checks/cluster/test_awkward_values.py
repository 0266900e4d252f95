"""Values that Pacemaker's tools write as other ones, in CIB files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os.cib.parser import parse_cib

pytestmark = pytest.mark.skipif(not shutil.which("cibadmin"), reason="cibadmin is not installed")

CIB = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="odd">
        <nvpair id="odd-odd" name="odd" value="é &amp; &quot; &lt;"/>
      </cluster_property_set>
    </crm_config>
    <nodes><node id="1" uname="n1"/></nodes>
    <resources><primitive id="fence" class="stonith" type="fence_x"/></resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
"""


def pcs_os(*args: object) -> str:
    line = [sys.executable, "-m", "pacemaker_os", *map(str, args)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode in (0, 2), done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("value", ["a\tb", "a\nb", "a\rb", "é", "\u2028 'x'"])
def test_file_keeps_all_values_exactly(value: str, tmp_path: Path) -> None:
    cib, document = tmp_path / "cib.xml", tmp_path / "site.cib.yaml"
    cib.write_text(CIB)
    agent = {"agent": "ocf:pacemaker:Dummy"}
    content = {"properties": {"x": value}, "resources": {"a": {**agent, "description": value}}}
    document.write_text(json.dumps(content))
    pcs_os("apply", "--yes", "--cib-file", cib, document)
    written = parse_cib(cib.read_bytes())
    values = {pair.get("name"): pair.get("value") for pair in written.iter("nvpair")}
    assert (values["x"], values["odd"]) == (value, 'é & " <')
    assert written.find(".//primitive[@id='a']").get("description") == value
    assert not json.loads(pcs_os("plan", "--json", "--cib-file", cib, document))["has_changes"]
