"""The reason for which a service does not run, or is not promoted."""

from __future__ import annotations

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What keeps a service from running, and what resolves it.

    Without the causes that the `text` names, the scheduler would run the service. `objects` are the ids of
    the causes. `origin` is the position of the first one in its document, or empty. `advice`, `command` and
    `node` are those of a finding. With `all_needed`, the scheduler runs it only without all causes, and the
    command resolves the first one.
    """

    text: str
    objects: tuple[str, ...] = ()
    advice: str = ""
    origin: str = ""
    command: tuple[str, ...] = ()
    node: str = ""
    all_needed: bool = False
