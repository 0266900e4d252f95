"""The result of a check of a document."""

from __future__ import annotations

from pacemaker_os.cib import Origin
from pacemaker_os.dataclass import dataclass

#: Position of elements that were not read from a document.
START = Origin("document", 1, 1)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A problem with its position and code; `is_warning` when Pacemaker accepts the configuration."""

    origin: Origin
    message: str
    code: str
    is_warning: bool = False
