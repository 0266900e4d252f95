"""Patches result in their target according to `replay`, and to cibadmin if it is installed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.replay import check_patch, replay
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.errors import ClusterError

VERSION = Version(0, 10, 3)


def cib(resources: str, constraints: str = "") -> etree._Element:
    return parse_cib(
        '<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" '
        'admin_epoch="0" epoch="10" num_updates="3">'
        "<configuration><crm_config/><nodes/>"
        f"<resources>{resources}</resources><constraints>{constraints}</constraints>"
        "</configuration><status/></cib>"
    )


def dummy(name: str, params: str = "") -> str:
    attributes = f'<instance_attributes id="{name}-i">{params}</instance_attributes>' if params else ""
    return f'<primitive id="{name}" class="ocf" provider="pacemaker" type="Dummy">{attributes}</primitive>'


def pair(name: str, value: str, prefix: str = "a") -> str:
    return f'<nvpair id="{prefix}-{name}" name="{name}" value="{value}"/>'


A, B, C = dummy("a"), dummy("b"), dummy("c")
TWO_REFS = dummy("b", pair("fake", "1", "b") + pair("fake2", "2", "b"))
PAIRS = {
    "no change": (A + B, A + B),
    "add first": (B, A + B),
    "add between": (A + C, A + B + C),
    "add many": ("", A + B + C),
    "remove": (A + B + C, B),
    "remove all": (A + B + C, ""),
    "changed value": (dummy("a", pair("fake", "x")), dummy("a", pair("fake", "y"))),
    "removed attribute": (dummy("a").replace(">", ' description="d">', 1), dummy("a")),
    "order of siblings": (A + B, B + A),
    "members of a group": (f'<group id="g">{A}{B}</group>', f'<group id="g">{B}{A}</group>'),
    "into a group": (A + B, f'<group id="g">{A}</group>{B}'),
    "id-less siblings": (
        TWO_REFS + dummy("a", '<nvpair id-ref="b-fake"/><nvpair id-ref="b-fake2"/>'),
        TWO_REFS + dummy("a", '<nvpair id-ref="b-fake2"/><nvpair id-ref="b-fake"/>'),
    ),
    "one id-less child": (
        TWO_REFS + dummy("a", '<nvpair id-ref="b-fake"/>'),
        TWO_REFS + dummy("a", '<nvpair id-ref="b-fake2"/>'),
    ),
    "id-less next to others": (
        TWO_REFS + dummy("a", pair("fake", "x") + '<nvpair id-ref="b-fake2"/>'),
        TWO_REFS + dummy("a", pair("fake", "x") + '<nvpair id-ref="b-fake"/>'),
    ),
    "changed comment": (f"<!-- one -->{A}", f"<!-- two -->{A}{B}"),
    "same comment": (f"<!-- one -->{A}", f"<!-- one -->{A}{B}"),
    "markup in values": (dummy("a"), dummy("a", pair("fake", "&lt;&quot;'&amp;\u4e2d"))),
}


@pytest.mark.parametrize("name", PAIRS)
def test_patch_results_in_target(name: str) -> None:
    old, new = (cib(text) for text in PAIRS[name])
    check_patch(make_patch(old, new, VERSION), old, new)


@pytest.mark.parametrize("name", PAIRS)
def test_cibadmin_applies_patch_with_same_result(name: str, tmp_path: Path) -> None:
    old, new = (cib(text) for text in PAIRS[name])
    assert_cibadmin_agrees(old, new, tmp_path)


def test_header_has_all_version_fields() -> None:
    patch = make_patch(cib(A), cib(B), VERSION)
    assert patch.get("format") == "2"
    assert dict(patch.find("version/source").attrib) == {
        "admin_epoch": "0",
        "epoch": "10",
        "num_updates": "3",
    }
    assert dict(patch.find("version/target").attrib) == {
        "admin_epoch": "0",
        "epoch": "11",
        "num_updates": "0",
    }


def test_small_change_has_small_patch() -> None:
    old, new = cib(A + B), cib(A + C)
    assert [change.get("operation") for change in make_patch(old, new, VERSION)[1:]] == ["delete", "create"]
    old, new = (cib(text) for text in PAIRS["changed value"])
    assert [change.get("operation") for change in make_patch(old, new, VERSION)[1:]] == ["modify"]


def test_wrong_patch_is_rejected() -> None:
    """For siblings without ids, crm_diff 2.1.5 creates such a patch and reports success."""
    old, new = (cib(text) for text in PAIRS["id-less siblings"])
    patch = make_patch(old, new, VERSION)
    for change in patch[1:]:
        patch.remove(change)
    with pytest.raises(ClusterError, match="does not result in"):
        check_patch(patch, old, new)


def test_change_of_missing_element_is_rejected() -> None:
    patch = make_patch(*(cib(text) for text in PAIRS["changed value"]), VERSION)
    with pytest.raises(ClusterError, match="does not exist"):
        replay(patch, cib(B))


@pytest.mark.parametrize("seed", range(40))
def test_random_changes_result_in_target(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    old = cib("".join(random_resource(chance, n) for n in range(8)))
    new = deepcopy(old)
    resources = new.find("configuration/resources")
    for _ in range(chance.randint(1, 6)):
        mutate(chance, resources)
    check_patch(make_patch(old, new, VERSION), old, new)
    if not content.same(old, new):
        assert_cibadmin_agrees(old, new, tmp_path)


def random_resource(chance: random.Random, n: int) -> str:
    pairs = "".join(pair(f"p{k}", str(k), f"r{n}") for k in range(chance.randint(0, 4)))
    return dummy(f"r{n}", pairs)


def mutate(chance: random.Random, resources: etree._Element) -> None:
    n = chance.randrange(10**6)
    elements = [element for element in resources.iter() if element is not resources]
    match chance.randrange(5):
        case 0:
            parsed = etree.fromstring(dummy(f"n{n}", pair("x", str(n), f"n{n}")))
            resources.insert(chance.randint(0, len(resources)), parsed)
        case 1 if len(resources):
            resources.remove(chance.choice(list(resources)))
        case 2 if elements:
            for nvpair in [e for e in elements if e.tag == "nvpair"][:2]:
                nvpair.set("value", str(n))
        case 3 if len(resources) > 1:
            resources.append(resources[0])
        case 4 if len(resources):
            chance.choice(list(resources)).set("description", str(n))


def assert_cibadmin_agrees(old: etree._Element, new: etree._Element, directory: Path) -> None:
    if shutil.which("cibadmin") is None:
        pytest.skip("cibadmin is not installed (Debian: pacemaker-cli-utils)")
    if content.same(old, new):
        return
    path = directory / "cib.xml"
    path.write_bytes(etree.tostring(old))
    patch = make_patch(old, new, VERSION)
    done = subprocess.run(
        ["cibadmin", "--patch", "--xml-pipe"],
        input=etree.tostring(patch),
        env={**os.environ, "CIB_file": str(path)},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    reached = parse_cib(path.read_bytes())
    assert Version.of(reached) == VERSION.next()
    assert content.same(content.configuration(reached), content.configuration(new))
