"""Find what the schema allows but Pacemaker rejects, ignores or handles unexpectedly."""

from __future__ import annotations

from pacemaker_os.cib import Cib
from pacemaker_os.document.checks.combinations import check_combinations
from pacemaker_os.document.checks.constraints import check_ends, check_locations, check_roles
from pacemaker_os.document.checks.cycles import check_cycles
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.nvsets import check_nvsets
from pacemaker_os.document.checks.operations import check_operations
from pacemaker_os.document.checks.promotion import check_promotion
from pacemaker_os.document.checks.properties import check_properties


def check(cib: Cib) -> list[LintFinding]:
    """Return all findings, unsorted."""
    return [
        *check_combinations(cib),
        *check_nvsets(cib),
        *check_operations(cib),
        *check_promotion(cib),
        *check_locations(cib),
        *check_ends(cib),
        *check_roles(cib),
        *check_cycles(cib),
        *check_properties(cib),
    ]
