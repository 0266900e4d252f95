"""Find what the schema allows but Pacemaker rejects, ignores or handles unexpectedly."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.cib import Cib
from pacemaker_os.document.checks.combinations import check_attributes, check_combinations
from pacemaker_os.document.checks.constraints import check_ends, check_locations, check_roles
from pacemaker_os.document.checks.cycles import check_cycles
from pacemaker_os.document.checks.dates import check_dates
from pacemaker_os.document.checks.fencing import check_fencing
from pacemaker_os.document.checks.fencing_parameters import check_fencing_parameters
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.bundles import check_bundles
from pacemaker_os.document.checks.ignored.colocations import check_colocations
from pacemaker_os.document.checks.ignored.constraints import check_ignored_constraints
from pacemaker_os.document.checks.ignored.deprecated import check_deprecated
from pacemaker_os.document.checks.ignored.operations import check_ignored_operations
from pacemaker_os.document.checks.ignored.resources import check_resources
from pacemaker_os.document.checks.nvsets import check_nvsets
from pacemaker_os.document.checks.operations import check_operations
from pacemaker_os.document.checks.patterns import check_patterns
from pacemaker_os.document.checks.promotion import check_promotion
from pacemaker_os.document.checks.properties import check_maintained, check_properties


def check(cib: Cib, uses: Collection[str] = ()) -> list[LintFinding]:
    """Return all findings, unsorted. `uses` are names that other documents define."""
    return [
        *check_values(cib, uses),
        *check_attributes(cib),
        *check_promotion(cib),
        *check_locations(cib),
        *check_ends(cib),
        *check_roles(cib),
        *check_cycles(cib),
        *check_properties(cib),
        *check_maintained(cib),
        *check_resources(cib),
        *check_bundles(cib),
        *check_ignored_operations(cib),
        *check_ignored_constraints(cib),
        *check_colocations(cib),
        *check_deprecated(cib),
    ]


def check_values(cib: Cib, uses: Collection[str] = ()) -> list[LintFinding]:
    """Return the findings about single objects, which are valid also when other objects could not be read."""
    return [
        *check_combinations(cib),
        *check_nvsets(cib),
        *check_operations(cib),
        *check_dates(cib),
        *check_patterns(cib),
        *check_fencing(cib, uses),
        *check_fencing_parameters(cib),
    ]
