"""A plan as text: predicted effects first, then configuration changes."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cluster.target import Target
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.changes import change_lines
from pacemaker_os.render.plan.effects import effect_lines, effect_summary
from pacemaker_os.render.plan.ownership import count_ownership, ownership_lines
from pacemaker_os.render.plan.verification import verification_lines
from pacemaker_os.render.terminal import Line, line, print_lines, wrap_text
from pacemaker_os.text import abbreviate, quantity

#: Number of names in a list before the rest is only counted.
_LISTED = 6

_ACTIONS = {"add": "to add", "change": "to change", "remove": "to remove"}


def print_plan(plan: Plan, *, color: bool | None = None) -> None:
    """Print a plan to standard output."""
    print_lines(lambda width: plan_lines(plan, width), color=color)


def plan_lines(plan: Plan, width: int) -> Iterator[Line]:
    """Yield the lines of a plan for a width in columns; only a command may be longer."""
    state = _state(plan)
    gap = "  " if len(plan.cluster) + len(state) + 10 <= width else "\n  "
    yield line(("Cluster ", ""), (plan.cluster, "name"), (f"{gap}{state}", "quiet"))
    writes = bool(plan.object_changes or plan.upgrade or plan.secrets_to_write)
    if plan.predicted and (plan.effects or writes):
        yield line()
        yield line(("Predicted effects", "title"))
        yield from effect_lines(plan, plan.effects, width)
        if not plan.effects:
            yield line(("  none: no running service is affected", "good"))
        elif plan.unaffected:
            verb = "is" if plan.unaffected == 1 else "are"
            unaffected = f"{quantity(plan.unaffected, 'running service')} {verb} not affected"
            yield line((f"    {unaffected}", "quiet"))
    if writes:
        yield line()
        yield line(("Configuration changes", "title"))
        yield from change_lines(plan, width)
    if plan.ownership:
        yield line()
        yield line(("Changes of ownership", "title"))
        yield from ownership_lines(plan, width)
    if plan.verification:
        yield line()
        yield line(("Pacemaker's verification", "title"))
        target = Target.of_saved(plan.target)
        yield from (line(each) for each in verification_lines(plan.verification, width, target))
    if plan.pending:
        yield line()
        yield line(("Already pending (not caused by this plan)", "title"))
        yield from effect_lines(plan, plan.pending, width)
    yield line()
    yield from _notes(plan, width)
    yield from _summary(plan)


def _state(plan: Plan) -> str:
    facts = [f"CIB {plan.base}"]
    if plan.nodes:
        facts.append(f"{plan.nodes_online} of {plan.nodes} nodes online")
        facts.append("quorum" if plan.quorum else "no quorum")
    return f"({', '.join(facts)})"


def _notes(plan: Plan, width: int) -> Iterator[Line]:
    """Yield warnings, limits of the prediction, and what the plan leaves unchanged."""
    for text, style in _sentences(plan):
        for each in text.splitlines():
            # An indented line is a command, which must stay on one line to be copied.
            for part in [each] if each.startswith("  ") else wrap_text(each, width):
                yield line((part, style))


def _sentences(plan: Plan) -> Iterator[tuple[str, str]]:
    for condition in plan.conditions:
        yield f"Warning: {condition}.", "critical"
    for note in plan.notes:
        yield f"Note: {note}.", "warning"
    if plan.fully_interrupted:
        services = abbreviate([plan.names.get(name, name) for name in plan.fully_interrupted], _LISTED)
        reason = "every instance stops before the first one starts again"
        yield f"Warning: {services} will be unavailable: {reason}.", "warning"
    if plan.stop_before_removal:
        names = [plan.names.get(name, name) for name in plan.stop_before_removal]
        yield f"Stopped in order before they are removed: {abbreviate(names, _LISTED)}.", "quiet"
    if restart_required := [secret.resource for secret in plan.secrets if secret.restart_required]:
        readers = abbreviate(dict.fromkeys(restart_required), _LISTED)
        advice = "picks up the new secret only when it restarts. To restart it after the apply, run"
        command = f"crm_resource --restart --resource {restart_required[0]}"
        yield f"Note: {readers} {advice}:\n  {command}", "warning"
    if rest := [f"{each.resource} {each.parameter}" for each in plan.secrets if not each.nodes]:
        yield (
            f"Parameters with secret values (never in the CIB): {abbreviate(rest, _LISTED)}.",
            "quiet",
        )
    if plan.lost_overrides:
        lost = abbreviate(plan.lost_overrides, len(plan.lost_overrides))
        yield f"Warning: operator overrides that this plan removes with their resources: {lost}.", "critical"
    if plan.cluster_maintained:
        state = abbreviate(plan.cluster_maintained, _LISTED)
        yield f"Cluster-maintained (unchanged): {state}.", "quiet"
    if plan.overrides:
        yield f"Operator overrides (unchanged): {abbreviate(plan.overrides, _LISTED)}.", "quiet"
    if plan.unowned:
        ids = [key.partition(":")[2] for key in plan.unowned]
        names = [plan.names.get(name, name) for name in ids]
        yield f"Not owned by any document (unchanged): {abbreviate(names, _LISTED)}.", "quiet"
    for name, count in plan.owned_by_others.items():
        yield f"Owned by document {name} (unchanged): {quantity(count, 'object')}.", "quiet"
    yield from _declared_elsewhere(plan)


def _declared_elsewhere(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield which declared objects the document does not own after the plan."""
    for name, keys in plan.owned_elsewhere.items():
        ids = [key.partition(":")[2] for key in keys]
        names = abbreviate([plan.names.get(each, each) for each in ids], _LISTED)
        yield f"Also declared by {plan.document}, and still owned by document {name}: {names}.", "warning"
        if len(keys) == plan.owned_by_others.get(name):
            advice = f"If {plan.document} replaces document {name}, use --take-over: it takes ownership."
            yield advice, "quiet"
    if plan.adopted and not plan.changes:
        objects = quantity(len(plan.adopted), "matching object")
        yield f"Declared, but not owned by any document: {objects}. To own them, use --adopt.", "quiet"


def _summary(plan: Plan) -> Iterator[Line]:
    if not (plan.object_changes or plan.upgrade or plan.secrets_to_write):
        if not plan.changes:
            yield line((f"No changes. The cluster matches {plan.document}.", "good"))
            return
        yield line(("Plan:   ", "title"), ("no change of objects; the ownership record is updated.", ""))
        yield from _owners(plan)
        return
    summary = [
        f"{count} {_ACTIONS[action]}" for action, count in plan.counts().items() if plan.object_changes
    ]
    summary += ["schema upgrade"] if plan.upgrade else []
    summary += (
        [f"{quantity(len(plan.secrets_to_write), 'secret')} to distribute"] if plan.secrets_to_write else []
    )
    yield line(("Plan:   ", "title"), (f"{', '.join(summary)}.", ""))
    if plan.predicted:
        yield line(("Effect: ", "title"), (f"{effect_summary(plan.effects)}.", ""))
    yield from _owners(plan)


def _owners(plan: Plan) -> Iterator[Line]:
    if plan.ownership:
        yield line(("Owner:  ", "title"), (f"{count_ownership(plan)}.", ""))
