"""A plan as equivalent pcs commands.

Run in their order, the commands leave nothing to do. What pcs cannot express exactly is one cibadmin patch,
which Pacemaker applies as a whole. The commands work with pcs 0.11 and 0.12; unlike an apply, they do not
check for concurrent changes.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from lxml import etree

from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.pcs.schedule import commands
from pacemaker_os.render.plan.pcs.tokens import printable
from pacemaker_os.text import quantity


def pcs_commands(plan: Plan, start: etree._Element) -> Iterator[str]:
    """Yield one shell line per command, in the order in which they must run.

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
    for argv in commands(plan.object_changes, start):
        yield shlex.join(argv)


def pcs_lines(plan: Plan, start: etree._Element) -> Iterator[str]:
    """Yield the commands and, as shell comments, the objects that the plan leaves unchanged."""
    if not plan.object_changes and not plan.upgrade and not plan.secrets_to_write:
        yield _comment(f"no changes: the cluster matches {plan.document}")
    for key in plan.unowned:
        kind, _, name = key.partition(":")
        yield _comment(f"unchanged, not owned by any document: {kind} {name}")
    for name, count in plan.owned_by_others.items():
        yield _comment(f"unchanged, owned by document {name}: {quantity(count, 'object')}")
    yield from (_comment(f"unchanged operator override: {name}") for name in plan.overrides)
    yield from pcs_commands(plan, start)


def _comment(text: str) -> str:
    """Return a shell comment. A line break in a name must not end it."""
    return f"# {printable(text)}"
