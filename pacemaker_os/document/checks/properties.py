"""Checks of cluster properties."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, names
from pacemaker_os.cib.values import boolean, milliseconds
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import origin_of


def check_properties(cib: Cib) -> Iterator[LintFinding]:
    """Properties whose values have cost people their night."""
    for nvset in cib.property_sets:
        for pair in nvset.nvpairs:
            here = pair.origin or origin_of(nvset)
            name, value = names.PROPERTIES.current(pair.name or ""), pair.value or ""
            if name == "no-quorum-policy" and value == "ignore":
                said = "without quorum both halves of a split cluster run everything; say `stop`"
                yield LintFinding(here, said, "no-quorum", is_warning=True)
            elif name == "fencing-enabled" and boolean(value) is False:
                said = f"`{pair.name}: {value}` lets a hung node keep disks and addresses that others take"
                yield LintFinding(here, said, "no-fencing", is_warning=True)
            elif name == "cluster-recheck-interval" and 0 < (milliseconds(value) or 0) < 60_000:
                said = (
                    f"the cluster would think everything over each {value}; failure-timeout does not need it"
                )
                yield LintFinding(here, said, "recheck", is_warning=True)
