"""A plan as equivalent pcs commands.

Run in their order, the commands leave nothing to do. What pcs cannot express exactly is one cibadmin patch,
which Pacemaker applies as a whole; its XML is in a here-document. The commands work in any POSIX shell, with
pcs 0.11 and 0.12. Unlike an apply, they do not check for concurrent changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.ownership import describe
from pacemaker_os.render.plan.pcs.schedule import commands
from pacemaker_os.render.plan.pcs.tokens import printable
from pacemaker_os.text import quantity


def pcs_commands(plan: Plan, start: etree._Element) -> Iterator[str]:
    """Yield the shell commands, in the order in which they must run. A here-document has several lines.

    Secrets are comments: pcs has no command for them, and cibsecret requires the value on its command line.

    Args:
        start: The `<cib>` that the plan changes, under the schema of the plan.
    """
    if plan.upgrade is not None:
        yield "pcs cluster cib-upgrade"
    for secret in plan.secrets_to_write:
        nodes = " ".join(secret.nodes)
        yield _comment(
            f"distribute secret {secret.secret} to {nodes}, for {secret.resource} {secret.parameter}"
        )
    yield from commands(plan.object_changes, start)


def pcs_lines(plan: Plan, start: etree._Element) -> Iterator[str]:
    """Yield the commands and, as shell comments, what an operator must know before they run.

    The comments are warnings, lost overrides, and what the plan leaves unchanged.
    """
    if not plan.object_changes and not plan.upgrade and not plan.secrets_to_write:
        but = "; only the ownership record changes" if plan.changes else ""
        yield _comment(f"no changes: the cluster matches {plan.document}{but}")
    yield from map(_comment, _remarks(plan))
    yield from pcs_commands(plan, start)


def _remarks(plan: Plan) -> Iterator[str]:
    yield from (f"warning: {text}" for text in plan.conditions)
    yield from (f"note: {text}" for text in plan.notes)
    for each in plan.verification:
        if each.new:
            where = " ".join(filter(None, (each.object, each.origin)))
            yield f"Pacemaker's {each.level}: {each.text} ({where})"
    yield from (f"lost operator override: {name}" for name in plan.lost_overrides)
    for change in plan.ownership:
        what = f"{change.kind} {change.name} {describe(change, plan.document)}"
        yield f"ownership, which only 'pcs-os apply' records: {what}"
    for name, keys in plan.owned_elsewhere.items():
        yield from (f"also declared, still owned by document {name}: {_words(key)}" for key in keys)
    for key in plan.unowned:
        yield f"unchanged, not owned by any document: {_words(key)}"
    for name, count in plan.owned_by_others.items():
        yield f"unchanged, owned by document {name}: {quantity(count, 'object')}"
    yield from (f"unchanged, cluster-maintained: {name}" for name in plan.cluster_maintained)
    yield from (f"unchanged operator override: {name}" for name in plan.overrides)


def _words(key: str) -> str:
    return key.replace(":", " ", 1)


def _comment(text: str) -> str:
    """Return a shell comment. A line break in a name must not end it."""
    return f"# {printable(text)}"
