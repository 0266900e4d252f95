"""On every configuration of Pacemaker's scheduler tests: an export changes nothing, a change is exact."""

from __future__ import annotations

import os
import random
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.parse import parse_cib
from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.replay import check_patch
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cib.xml import cib_from_element
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.compare import PlanOptions, comparison
from pacemaker_os.plan.diff.item import items
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

ROOT = Path(__file__).parents[4]
CORPUS = Path(os.environ.get("PCS_OS_CORPUS", ROOT.parent / "shared/corpus/scheduler"))
FILES = sorted(CORPUS.glob("*.xml"))

pytestmark = pytest.mark.skipif(
    not FILES, reason="the scheduler corpus is not here (name its folder in PCS_OS_CORPUS)"
)


def model(cib: etree._Element) -> Cib:
    return cib_from_element(content.configuration(cib))


def test_applying_an_export_changes_nothing() -> None:
    wrong = []
    for path in FILES:
        cib = parse_cib(path.read_bytes())
        exported, _ = exportable(model(cib))
        desired = document.load(document.dump(exported))
        found = comparison(model(cib), desired, owner="site", tree=content.configuration(cib))
        wrong += [(path.name, operation.key) for operation in found.changes]
    assert not wrong


def changed(chance: random.Random, cib: etree._Element) -> etree._Element:
    """The configuration without some constraints and orphaned resources, and with other parameters."""
    new = deepcopy(cib)
    configuration = content.configuration(new)
    for pair in configuration.iter("nvpair"):
        if pair.get("value") and chance.random() < 0.3:
            pair.set("value", f"{pair.get('value')}7")
    for constraint in configuration.findall("constraints/*"):
        if chance.random() < 0.3:
            constraint.getparent().remove(constraint)
    resources = configuration.find("resources")
    if resources is not None:
        text = '<primitive id="pcs-os-new" class="ocf" provider="pacemaker" type="Dummy"/>'
        resources.append(etree.fromstring(text))
    return new


@pytest.mark.parametrize("seed", range(1))
def test_a_change_leads_where_it_should_and_back(seed: int) -> None:
    chance, looked = random.Random(seed), 0
    for path in FILES:
        live = parse_cib(path.read_bytes())
        desired, _ = exportable(model(changed(chance, live)))
        options = PlanOptions(authoritative=True, new_nodes=True)
        try:
            found = comparison(
                model(live), desired, owner="site", tree=content.configuration(live), options=options
            )
        except InputError:
            continue
        looked += 1
        target = planned(live, found.changes)
        check_patch(make_patch(live, target, Version.of(live)), live, target)
        again = comparison(
            model(target), desired, owner="site", tree=content.configuration(target), options=options
        )
        assert not again.changes, (path.name, again.changes)
        back = planned(target, [operation.reverse() for operation in reversed(found.changes)])
        before, after = (items(replace(model(each), comments=())) for each in (live, back))
        assert {k: i.meaning for k, i in before.items()} == {k: i.meaning for k, i in after.items()}, (
            path.name
        )
    assert looked > 0.9 * len(FILES)
