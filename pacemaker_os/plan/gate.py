"""The check of a plan's effects against the effects that `--allow` permits."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.errors import NotAllowed
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import VERBS, verb_label
from pacemaker_os.text import did_you_mean

#: Effects that interrupt no service. They are always permitted.
HARMLESS = frozenset({"start", "promote", "migrate", "reload"})


#: The name that permits the loss of operator overrides, next to the verbs of effects.
OVERRIDE_LOSS = "override-loss"


def parse_allowed(text: str) -> tuple[str, ...]:
    """Return the names in the value of `--allow`, a list separated by commas.

    Raises ValueError for a name that is neither an effect nor the loss of overrides.
    """
    names = tuple(filter(None, (part.strip() for part in text.split(","))))
    known = (*VERBS, OVERRIDE_LOSS)
    for name in names:
        if name not in known:
            remedy = did_you_mean(name, known) or f"; use {', '.join(known)}"
            raise ValueError(f"unknown effect '{name}'{remedy}")
    return names


def check_losses(plan: Plan) -> None:
    """Check that a plan loses no operator override that may keep a service stopped.

    Raises:
        NotAllowed: The plan loses an override, and adds resources.
    """
    if plan.loses_overrides:
        raise NotAllowed(
            f"the plan loses operator overrides: {', '.join(plan.lost_overrides)}. Nothing was written. "
            f"To permit this, use --allow {OVERRIDE_LOSS}, or apply without --yes and confirm it"
        )


def check_allowed(plan: Plan, allowed: Collection[str]) -> None:
    """Check that every effect of a plan is harmless or one of the `allowed` verbs.

    Raises:
        NotAllowed: The plan has other effects.
    """
    permitted = HARMLESS | set(allowed)
    refused = [effect for effect in plan.effects if effect.verb not in permitted and not effect.blocked]
    if not refused:
        return
    verbs = dict.fromkeys(effect.verb for effect in refused)
    what = ", ".join(
        dict.fromkeys(
            f"{verb_label(each.verb)} {plan.names.get(each.service, each.service)}" for each in refused
        )
    )
    raise NotAllowed(
        f"the plan has effects that --allow does not permit: {what}. Nothing was written. "
        f"To permit them, use --allow {','.join([*allowed, *verbs])}"
    )
