"""Which effects a caller allows without being asked."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.errors import NotAllowed
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import VERBS

#: What takes nothing away from anybody is always allowed.
HARMLESS = frozenset({"start", "promote", "migrate", "reload"})

#: Words that a caller may allow, and the verbs that they cover.
WORDS = {verb.replace(" ", "-"): verb for verb in VERBS}


def check_allowed(plan: Plan, allowed: Collection[str]) -> None:
    """Raise NotAllowed when the plan has effects beyond the harmless and the `allowed` verbs."""
    fine = HARMLESS | {WORDS.get(word, word) for word in allowed}
    refused = [effect for effect in plan.effects if effect.verb not in fine and not effect.blocked]
    if not refused:
        return
    words = dict.fromkeys(effect.verb.replace(" ", "-") for effect in refused)
    services = (f"{each.verb} {plan.names.get(each.service, each.service)}" for each in refused)
    what = ", ".join(dict.fromkeys(services))
    remedy = f"allow it with --allow {','.join([*allowed, *words])}"
    raise NotAllowed(f"the plan would {what}; nothing was written; {remedy}")
