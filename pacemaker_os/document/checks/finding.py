"""What a check finds in a document that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from pacemaker_os.cib import Origin

#: Where something is that nobody knows the place of.
START = Origin("document", 1, 1)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """Something to mend; `advice` when the cluster would run all the same."""

    origin: Origin
    message: str
    code: str
    is_warning: bool = False
