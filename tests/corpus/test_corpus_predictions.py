"""Plans and survival checks agree with Pacemaker's own tools for every CIB in the scheduler corpus.

By default, a tenth of the corpus is checked; with --thorough all of it, which takes an hour.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brute_force
import claims
import pytest
from lxml import etree

from pacemaker_os.cib import Cib

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"
CORPUS = sorted(Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT)).glob("*.xml"))

#: Without --thorough, every tenth CIB is checked.
STEP = 10

#: The reason and the remedy for a configuration that only a newer Pacemaker can simulate.
NEWER = r"the configuration requires a newer Pacemaker .* use the tools of a cluster node: "

#: The CIBs that plans and checks refuse, each with the reason: node attributes in their schema are newer than
#: the schemas of Pacemaker 2.1.5.
REFUSED = {
    "coloc-optional-promoted-dependent-moves-1": NEWER,
    "coloc-optional-promoted-dependent-moves-2": NEWER,
}

#: What crm_simulate 2.1.5 does not report after a transition: it omits a clone all of whose instances are
#: stopped or blocked on a node of unknown state, and aborts (without any output) for a node without a name.
NOT_REPORTED = {
    "stop-failure-no-quorum": "clvm runs on no node, predicted pcmk-3",
    "pending-node-no-uname": "refused: crm_simulate ends with -6",
}

pytestmark = [
    pytest.mark.skipif(not CORPUS, reason="the scheduler corpus is not available"),
    pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed"),
]

Claim = Callable[[etree._Element, str], list[str]]


@pytest.fixture
def chosen(request: pytest.FixtureRequest) -> list[Path]:
    """Return the CIBs to check."""
    if request.config.getoption("thorough"):
        return CORPUS
    return [path for path in CORPUS if path in CORPUS[::STEP] or path.stem in REFUSED]


def features(cib: etree._Element) -> tuple[int, ...]:
    return tuple(map(int, cib.get("crm_feature_set", "0").split(".")))


def loaded(path: Path) -> etree._Element:
    """Return a CIB with a feature set that the installed tools know.

    Pacemaker's tools abort if they simulate the CIB of a newer Pacemaker.
    """
    cib, own = etree.parse(path).getroot(), brute_force.feature_set()
    if features(cib) > own:
        cib.set("crm_feature_set", ".".join(map(str, own)))
    return cib


def differences(path: Path, claim: Claim) -> list[str]:
    """Return the differences for one CIB; a refusal is one as well, unless its reason is expected."""
    try:
        found = claim(loaded(path), path.stem)
    except brute_force.Refused as error:
        expected = REFUSED.get(path.stem)
        if expected is not None and re.search(expected, str(error)):
            return []
        found = [f"refused: {error}"]
    else:
        found += ["is not refused"] if path.stem in REFUSED else []
    return [
        f"{path.name}: {each}" for each in found if not each.startswith(NOT_REPORTED.get(path.stem, "\n"))
    ]


def all_differences(paths: Collection[Path], claim: Claim) -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return [each for found in pool.map(lambda path: differences(path, claim), paths) for each in found]


def three_claims(found: claims.Planned) -> list[str]:
    """Check that a plan shows errors, predicts effects, and that nothing is left to do after an export."""
    differences = [*claims.errors_not_shown(found), *claims.changes_after_export(found)]
    # Nothing is predicted where the scheduler itself fails, but the other claims hold.
    return differences or claims.wrong_predictions(found)


def test_plans_for_an_empty_cluster_agree_with_the_scheduler(chosen: list[Path]) -> None:
    def claim(cib: etree._Element, name: str) -> list[str]:
        return three_claims(claims.make_plan(claims.bare(cib), Cib.from_xml(etree.tostring(cib))))

    assert all_differences(chosen, claim) == []


def test_plans_for_a_running_cluster_agree_with_the_scheduler(chosen: list[Path]) -> None:
    def claim(cib: etree._Element, name: str) -> list[str]:
        return three_claims(claims.plan_of_a_change(cib, random.Random(name)))

    assert all_differences(chosen, claim) == []


def test_checks_agree_with_a_failure_of_each_node(chosen: list[Path]) -> None:
    assert all_differences(chosen, lambda cib, name: claims.wrong_survival(cib)) == []


def test_checks_for_a_newer_pacemaker_are_refused_with_a_remedy() -> None:
    own = brute_force.feature_set()
    newer = [path for path in CORPUS if features(etree.parse(path).getroot()) > own]
    assert newer
    for path in newer:
        with pytest.raises(brute_force.Refused, match=NEWER):
            claims.wrong_survival(etree.parse(path).getroot())
