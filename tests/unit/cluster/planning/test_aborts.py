"""The constraint that makes the scheduler abort."""

from __future__ import annotations

from typing import cast

import pytest
from lxml import etree

from pacemaker_os.cluster.planning.aborts import explained
from pacemaker_os.cluster.scheduler import ABORTED, NotSimulated, Scheduler
from pacemaker_os.plan.prediction.messages import Message
from pacemaker_os.plan.prediction.simulation import NOTHING, Simulation

KINDS = ("rsc_order", "rsc_colocation")
FOUND = (Message("error", "found before"),)
FAILED = NotSimulated(f"exit status 134 ({ABORTED})", FOUND)


class Aborting:
    """A scheduler that aborts on a CIB with these constraints."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def run(self, cib: etree._Element) -> Simulation:
        if self.names <= {str(each.get("id")) for each in cib.iterfind("configuration/constraints/*")}:
            raise FAILED
        return NOTHING


def explanation(names: set[str], error: NotSimulated = FAILED) -> NotSimulated:
    constraints = "".join(f'<{KINDS[number % 2]} id="c{number}"/>' for number in range(9))
    cib = etree.fromstring(
        f"<cib><configuration><constraints>{constraints}</constraints></configuration></cib>"
    )
    return explained(cast(Scheduler, Aborting(names)), cib, error)


@pytest.mark.parametrize("number", range(9))
def test_constraint_that_makes_the_scheduler_abort_is_named(number: int) -> None:
    found = explanation({f"c{number}"})
    assert f"because of constraint 'c{number}'; change or remove it" in str(found)
    assert found.messages == FOUND


def test_one_of_two_constraints_that_abort_together_is_named() -> None:
    assert "'c2'" in str(explanation({"c2", "c7"})) or "'c7'" in str(explanation({"c2", "c7"}))


@pytest.mark.parametrize(
    ("names", "error"),
    [(set(), FAILED), ({"c1"}, NotSimulated("exit status 66", ()))],
    ids=["not a constraint", "not aborted"],
)
def test_other_errors_do_not_change(names: set[str], error: NotSimulated) -> None:
    assert explanation(names, error) is error
