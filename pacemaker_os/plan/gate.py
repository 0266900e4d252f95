"""The checks of a plan against the effects that `--allow` and the errors that `--allow-invalid` permit."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.errors import NotAllowed
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import VERBS, verb_label
from pacemaker_os.plan.verification import Verification
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


def check_verified(plan: Plan, allowed: Collection[str]) -> None:
    """Check that the plan adds no error about an object that is not in `allowed`.

    An object is allowed by its id or by its name in documents.

    Raises:
        NotAllowed: Pacemaker finds another error.
    """
    names = {plan.names.get(name, name) for name in allowed}
    refused = [each for each in plan.verification if each.refuses and each.object not in names]
    if not refused:
        return
    errors = "; ".join(map(_error, refused))
    options = " ".join(f"--allow-invalid {name}" for name in dict.fromkeys(each.object for each in refused))
    raise NotAllowed(
        f"Pacemaker finds errors in the planned configuration: {errors}. Nothing was written. "
        f"Correct the document; to write it nevertheless, use {options}",
        code="invalid",
    )


def _error(each: Verification) -> str:
    return f"{each.origin}: {each.text}" if each.origin else each.text
