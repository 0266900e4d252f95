"""A trouble: how it is injected, what `pcs-os status` says about it, and what ends it.

Each module `*_troubles.py` in this directory has a table TROUBLES, which `test_status_troubles` collects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trouble_site import TroubleSite

Step = Callable[[TroubleSite], object]


def nothing(site: TroubleSite) -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Says:
    """A finding of status: its code, its subject, and texts that its sentences contain.

    With `run`, its command is run as it is printed, and resolves the finding. Finding and command are those
    of the JSON output, so that a test of a wording does not need a cluster.
    """

    code: str
    subject: str = ""
    contains: tuple[str, ...] = ()
    run: bool = False


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A trouble that status must tell.

    `inject` causes it. `says` are the expected findings, and `states` the expected states of services. The
    codes in `never` would be false. Then, `repair` ends a cause outside the cluster, the commands of the
    findings with `run` are run in their order, and status must report no problem after `ends_within` seconds
    if it `ends`. Status must tell the trouble `within` these seconds, and not that all is well.
    `heal` restores what no command does; the site is reset after it. Status is read through `asked`.
    A trouble in the `cluster_lane` runs by default, the others with the campaigns.
    """

    name: str
    inject: Step
    says: tuple[Says, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    repair: Step = nothing
    heal: Step = nothing
    asked: str = "controller01"
    within: float = 60.0
    ends: bool = True
    ends_within: float = 90.0
    cluster_lane: bool = False
