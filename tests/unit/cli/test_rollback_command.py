"""rollback and history on a CIB file: the newest apply, further back, again, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.cli.main import main
from pacemaker_os.cluster.store import file

LOCATION = '<rsc_location id="l" rsc="a" node="n" score="1"/>'

STANDBY = (
    '<node id="1" uname="n"><instance_attributes id="i"><nvpair id="s" name="standby" value="on"/>'
    "</instance_attributes></node>"
)

RESOURCE = "{agent: 'ocf:pacemaker:Dummy'}"


class Desk:
    """A CIB file, and pcs-os without Pacemaker's tools."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory, self.cib, self.capsys = directory, directory / "cib.xml", capsys

    def run(self, *args: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main([args[0], "--cib-file", str(self.cib), *args[1:]])
        captured = self.capsys.readouterr()
        assert (end.value.code or 0) == status, captured
        return captured.out + captured.err

    def apply(self, *names: str, document: str = "site", **properties: str) -> str:
        """Apply a document with these resources and properties; return the id of the apply."""
        path = self.directory / f"{document}.cib.yaml"
        content = {
            "name": document,
            "resources": {name: {"agent": "ocf:pacemaker:Dummy"} for name in names},
            "properties": properties,
        }
        path.write_text(json.dumps(content))
        output = self.run("apply", "--yes", "--skip-agent-checks", str(path))
        found = re.search(r"written \(apply (\S+)\)", output)
        assert found is not None, output
        return found[1]

    def history(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("history", "--json"))
        return found

    def content(self) -> str:
        """Return the file without the counters of its version."""
        return re.sub(r"<cib [^>]*>", "", self.cib.read_text())

    def edit(self, old: str, new: str) -> None:
        text = self.cib.read_text()
        assert old in text
        self.cib.write_text(text.replace(old, new))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(file, "which", lambda name: None)
    monkeypatch.setattr("pacemaker_os.cluster.cluster.is_scheduler_installed", lambda: False)
    return Desk(tmp_path, capsys)


def test_rollbacks_go_further_back_and_redo_returns(desk: Desk) -> None:
    states = []
    for names in (("a",), ("a", "b"), ("b", "c")):
        desk.apply(*names)
        states.append(desk.content())
    desk.run("rollback", "--yes")
    assert desk.content() == states[1]
    desk.run("rollback", "--yes")
    assert desk.content() == states[0]
    for state in states[1:]:
        desk.run("rollback", "--redo", "--yes")
        assert desk.content() == state
    assert "no rollback to redo" in desk.run("rollback", "--redo", "--yes", status=1)
    for _ in range(3):
        desk.run("rollback", "--yes")
    assert "all applies were rolled back" in desk.run("rollback", "--yes", status=1)


def test_new_apply_ends_the_series_of_redo(desk: Desk) -> None:
    desk.apply("a")
    desk.apply("a", "b")
    desk.run("rollback", "--yes")
    desk.apply("a", "c")
    assert "no rollback to redo" in desk.run("rollback", "--redo", "--yes", status=1)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ('type="Dummy"/>', 'type="Dummy"><meta_attributes id="m"/></primitive>', "~ primitive a"),
        ("<constraints/>", f"<constraints>{LOCATION}</constraints>", "+ location l"),
        ("<nodes/>", f"<nodes>{STANDBY}</nodes>", "+ node attribute n standby"),
        ('value="primitive:a primitive:b"', 'value="primitive:a"', "~ cluster_property_set pcs-os-owner"),
    ],
)
def test_rollback_with_unrecorded_changes_on_top_is_refused(
    desk: Desk, old: str, new: str, change: str
) -> None:
    desk.apply("a")
    desk.apply("a", "b")
    before = desk.cib.read_text()
    desk.edit(old, new)
    edited = desk.cib.read_text()
    message = desk.run("rollback", "--yes", status=3)
    assert "changes that no apply made" in message
    assert change in message
    assert f"pcs-os rollback --cib-file {desk.cib} " in message
    assert desk.cib.read_text() == edited
    assert "Changes that no apply made" in desk.run("history")
    desk.cib.write_text(before)
    desk.run("rollback", "--yes")


def test_rollback_keeps_comments_that_others_added(desk: Desk) -> None:
    desk.apply("a")
    desk.apply("a", "b")
    desk.edit("<constraints/>", "<constraints><!-- by hand --></constraints>")
    desk.run("rollback", "--yes")
    assert "by hand" in desk.content()
    assert 'id="b"' not in desk.content()


def test_rollback_with_an_id_keeps_unrecorded_changes(desk: Desk) -> None:
    desk.apply("a")
    second = desk.apply("a", "b")
    desk.edit(
        "<constraints/>", '<constraints><rsc_location id="l" rsc="a" node="n" score="1"/></constraints>'
    )
    desk.run("rollback", "--yes", second)
    assert 'id="l"' in desk.content()
    assert 'id="b"' not in desk.content()
    # The edit is still on top of the first apply.
    assert "location l" in desk.run("rollback", "--yes", status=3)


def test_cluster_maintained_values_on_top_are_kept(desk: Desk) -> None:
    desk.apply("a", document="site", **{"no-quorum-policy": "stop"})
    desk.apply("a", "b", document="site", **{"no-quorum-policy": "stop"})
    pair = '<cluster_property_set id="cib-bootstrap-options"><nvpair id="dc" name="dc-version" value="2"/>'
    desk.edit("<crm_config>", f"<crm_config>{pair}</cluster_property_set>")
    desk.edit("<nodes/>", '<nodes><node id="1" uname="n1"/></nodes>')
    assert "Changes that no apply made" not in desk.run("history")
    desk.run("rollback", "--yes")
    assert 'name="dc-version"' in desk.content()
    assert 'id="b"' not in desk.content()
    desk.run("rollback", "--yes")
    assert 'id="a"' not in desk.content()


def test_apply_between_documents_is_rolled_back_by_its_id(desk: Desk) -> None:
    first = desk.apply("a", document="one")
    desk.apply("b", document="two")
    desk.run("rollback", "--yes", first)
    assert 'id="b"' in desk.content()
    assert 'id="a"' not in desk.content()
    desk.run("rollback", "--yes")
    assert 'id="b"' not in desk.content()
    assert "already rolled it back" in desk.run("rollback", "--yes", first, status=3)


def test_apply_whose_record_is_missing_is_named(desk: Desk) -> None:
    desk.apply("a")
    newest = desk.apply("a", "b")
    (desk.directory / "cib.xml.history" / f"{newest}.json").unlink()
    content = desk.cib.read_text()
    assert f"cannot roll back: the CIB contains apply '{newest}'" in desk.run("rollback", "--yes", status=1)
    assert newest in desk.run("history")
    assert (desk.history()[0]["id"], desk.history()[0]["state"]) == (newest, "no-record")
    assert desk.cib.read_text() == content


def test_unknown_id_is_refused_with_the_command_that_lists_them(desk: Desk) -> None:
    desk.apply("a")
    message = desk.run("rollback", "--yes", "20260101T000000-0.1-000000", status=1)
    assert f"run: pcs-os history --cib-file {desk.cib}" in message


def test_record_that_cannot_be_written_stops_the_apply(desk: Desk) -> None:
    desk.apply("a")
    before = desk.cib.read_bytes()
    history = desk.directory / "cib.xml.history"
    history.rename(desk.directory / "old")
    history.write_text("in the way")
    path = desk.directory / "site.cib.yaml"
    path.write_text(f"name: site\nresources: {{b: {RESOURCE}}}\n")
    message = desk.run("apply", "--yes", "--skip-agent-checks", str(path), status=1)
    assert "cannot record the apply before the change" in message
    assert "Nothing was written" in message
    assert desk.cib.read_bytes() == before
