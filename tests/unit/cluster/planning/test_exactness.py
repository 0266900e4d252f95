"""Values that Pacemaker 2.1 writes as other ones, or as invalid XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from pacemaker_os.cib.tree.escapes import needs_escapes, without_escapes
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.exactness import exactness_notes, inexact
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.transport.base import Result, Transport


def escaped(text: str) -> str:
    """Escape a value as Pacemaker 2.1.5 does: nothing after the first character that is not ASCII."""
    end = next((number for number, each in enumerate(text) if not each.isascii()), len(text))
    replaced = {"\t": "    ", "\n": "\\n", "\r": "\\r", "&": "&amp;", "<": "&lt;", '"': "&quot;"}
    return "".join(replaced.get(each, each) for each in text[:end]) + text[end:]


class OldTools:
    """A machine with the tools of Pacemaker 2.1.5."""

    name = "old"

    def __init__(self) -> None:
        self.commands: list[Sequence[str]] = []
        self.file = b""

    def run(self, argv: Sequence[str], *, input: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
        self.commands.append(argv)
        if argv[:2] == ["cibadmin", "--modify"]:
            pairs = etree.fromstring(input).iter("nvpair")
            lines = (
                f'  <nvpair id="{each.get("id")}" value="{escaped(each.get("value"))}"/>' for each in pairs
            )
            self.file = "\n".join(lines).encode()
        return Result(tuple(argv), 0, b"/tmp/scratch\n", b"", 0.0)

    def put(self, data: bytes, path: str, *, mode: int) -> None:
        self.file = data

    def get(self, path: str) -> bytes:
        return self.file


def change(value: str, old: str | None = None) -> ConfigChange:
    def xml(text: str) -> str:
        element = etree.Element("nvpair", id="x", name="x", value=text)
        return etree.tostring(element, encoding="unicode")

    return ConfigChange(
        key="property:x",
        kind="property",
        name="x",
        parent_path=(("crm_config", ()),),
        old=None if old is None else xml(old),
        new=xml(value),
        origin="site.cib.yaml:3:7",
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\tb", r"Pacemaker would write 'a\tb' as 'a    b'"),
        ("a\nb", r"Pacemaker would write 'a\nb' as 'a\\nb'"),
        ("é\n", r"Pacemaker would write '\xe9\n' as invalid XML"),
        ("é & x", r"Pacemaker would write '\xe9 & x' as invalid XML"),
        ('日本 "x"', r"""Pacemaker would write '\u65e5\u672c "x"' as invalid XML"""),
    ],
)
def test_value_that_would_change_is_named(value: str, reason: str) -> None:
    tools = OldTools()
    ((_, found, _),) = inexact(cast(Transport, tools), [change(value)])
    assert found == reason
    assert tools.commands[-1][0] == "rm"


@pytest.mark.parametrize("value", ["plain", "é", "a & b", '" é', "x'y", "a\\nb", "é 'x' >"])
def test_common_values_need_no_command(value: str) -> None:
    tools = OldTools()
    assert not list(inexact(cast(Transport, tools), [change(value)]))
    assert not needs_escapes(value)
    assert not tools.commands


def test_value_that_is_already_there_is_not_reported() -> None:
    assert not list(inexact(cast(Transport, OldTools()), [change("a\tb", old="a\tb")]))


def test_running_cluster_rejects_the_value_at_its_position() -> None:
    cluster: Any = Cluster(cast(Any, None), None, cast(Transport, OldTools()), live=True, target=Target())
    with pytest.raises(InputError) as caught:
        list(exactness_notes(cluster, [change("a\tb")]))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column, problem.code) == ("site.cib.yaml", 3, 7, "not-exact")
    assert problem.message.startswith("cannot store property 'x': Pacemaker would write")


def test_values_for_old_tools_have_no_special_characters(tmp_path: Path) -> None:
    plain = without_escapes(etree.fromstring('<a x="é&amp;&lt;" y="a&#10;b"><b z="a &amp; b"/></a>'))
    assert etree.tostring(plain, encoding="unicode") == '<a x="é__" y="a_b"><b z="a &amp; b"/></a>'
