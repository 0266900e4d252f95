"""Plans that were saved to a file: prepare them again, and reject stale ones."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared, Start, build, with_secrets
from pacemaker_os.cluster.planning.schema import upgraded
from pacemaker_os.cluster.store.secrets import SecretParameter, SecretValues
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import ClusterError, Conflict
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.verification import with_origins


def target_of(saved: Plan, given: Target) -> Target:
    """Return the target of a saved plan.

    Args:
        given: The target of the command; the default one stands for that of the plan.

    Raises:
        ClusterError: Another target was given, or the CIB of the plan came from standard input.
    """
    target = Target.of_saved(saved.target)
    if given != Target() and not given.same(target):
        message = (
            f"cannot apply the saved plan to {given}: it was created for {target}; "
            "omit the option, or create a new plan"
        )
        raise ClusterError(message, code="target-mismatch")
    return target


def prepare_saved(cluster: Cluster, saved: Plan) -> Prepared:
    """Prepare a saved plan. Raises Conflict when the configuration or the effects are different now."""
    base = cluster.query()
    if base.version.configuration != saved.base.configuration or base.digest != saved.digest:
        author = f" ({base.author})" if base.author else ""
        raise _stale(f"it was created for CIB {saved.base}, but the cluster is at {base.version}{author}")
    start = Start.of(base)
    if saved.upgrade is not None:
        start = Start(base, *upgraded(cluster, base.cib, saved.upgrade.new))
        if start.upgrade != saved.upgrade:
            raise _stale("the schema upgrade would be different now")
    found = Comparison(
        changes=saved.changes,
        adopted=saved.adopted,
        unowned=saved.unowned,
        owned_by_others=saved.owned_by_others,
        owned_elsewhere=saved.owned_elsewhere,
        overrides=saved.overrides,
        lost_overrides=saved.lost_overrides,
        cluster_maintained=saved.cluster_maintained,
    )
    prepared = build(cluster, start, found, saved.document)
    parameters = [SecretParameter(each.resource, each.parameter, each.secret) for each in saved.secrets]
    prepared = with_secrets(cluster, prepared, parameters, SecretValues())
    _check_effects(prepared.plan, saved)
    # The secrets of the saved plan are required: one without a value now must be an error.
    verified = with_origins(prepared.plan.verification, saved.verification)
    return replace(prepared, plan=replace(prepared.plan, secrets=saved.secrets, verification=verified))


def _check_effects(fresh: Plan, saved: Plan) -> None:
    now, then = ({effect.key for effect in plan.effects} for plan in (fresh, saved))
    if now != then:
        effects = ", ".join(sorted(f"{key[0]} {key[1]}" for key in now ^ then)[:5])
        raise _stale(f"its effects would be different now ({effects})")
    for new, old in zip(fresh.secrets, saved.secrets, strict=True):
        if more := sorted(set(new.nodes) - set(old.nodes)):
            raise _stale(f"secret '{new.secret}' would also be written to {', '.join(more)} now")


def _stale(reason: str) -> Conflict:
    return Conflict(f"the saved plan is stale: {reason}. Nothing was written; create a new plan")
