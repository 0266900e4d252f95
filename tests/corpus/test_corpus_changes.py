"""Exports and changes of every configuration in the tests of Pacemaker's scheduler."""

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
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.replay import check_patch
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.compare import PlanOptions, comparison
from pacemaker_os.plan.diff.item import items
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("PCS_OS_CORPUS", ROOT.parent / "shared/corpus/scheduler"))
FILES = sorted(CORPUS.glob("*.xml"))

pytestmark = pytest.mark.skipif(
    not FILES, reason="the scheduler corpus is not available (set PCS_OS_CORPUS to its directory)"
)


def model(cib: etree._Element) -> Cib:
    return Cib.from_element(content.configuration(cib))


def test_apply_of_an_export_changes_nothing() -> None:
    wrong = []
    for path in FILES:
        cib = parse_cib(path.read_bytes())
        exported, _ = exportable(model(cib))
        desired = document.load(document.dump(exported))
        found = comparison(model(cib), desired, owner="site", tree=content.configuration(cib))
        wrong += [(path.name, change.key) for change in found.changes]
    assert not wrong


def changed(chance: random.Random, cib: etree._Element) -> etree._Element:
    """Return the configuration with other parameters and an added resource, and without some constraints."""
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
def test_random_changes_reach_the_target_and_can_be_reversed(seed: int) -> None:
    chance, compared = random.Random(seed), 0
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
        compared += 1
        target = planned(live, found.changes)
        check_patch(make_patch(live, target, Version.of(live)), live, target)
        again = comparison(
            model(target), desired, owner="site", tree=content.configuration(target), options=options
        )
        assert not again.changes, (path.name, again.changes)
        back = planned(target, [change.reverse() for change in reversed(found.changes)])
        before, after = (items(replace(model(each), comments=())) for each in (live, back))
        assert {k: i.meaning for k, i in before.items()} == {k: i.meaning for k, i in after.items()}, (
            path.name
        )
    assert compared > 0.9 * len(FILES)
