"""Options that commands share: which cluster, and how to print."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pacemaker_os.cluster.target import Target

Command = Callable[..., Any]


def target_options(command: Command) -> Command:
    """Add --cib-file, --container and --ssh, and hand the command a `target`."""

    @click.option("--cib-file", metavar="FILE", help="Act on a CIB on disk; no daemon is needed.")
    @click.option("--container", metavar="NAME", help="Reach the cluster through a node in this container.")
    @click.option("--ssh", metavar="[USER@]HOST", help="Reach the cluster through this node.")
    @wraps(command)
    def with_target(
        *arguments: Any, cib_file: str | None, container: str | None, ssh: str | None, **options: Any
    ) -> Any:
        target = Target(cib_file=cib_file, container=container, ssh=ssh)
        return command(*arguments, target=target, **options)

    return with_target


def output_options(command: Command) -> Command:
    """Add --json and --color; --color is handed on as `color`, True, False or None for the terminal's way."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="When to use colour; NO_COLOR is heeded.",
    )
    @wraps(command)
    def with_output(*arguments: Any, color: str, **options: Any) -> Any:
        wanted = {"auto": None, "always": True, "never": False}[color]
        return command(*arguments, color=wanted, **options)

    return with_output


def document_options(command: Command) -> Command:
    """Add DOC... and --var, and what tells how far a document's word goes, handed on as `options`."""

    @click.argument("documents", nargs=-1, metavar="DOC...")
    @click.option(
        "--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a document's variable."
    )
    @click.option("--authoritative", is_flag=True, help="Remove also what no document says.")
    @click.option("--take-over", is_flag=True, help="Take what belongs to other documents.")
    @click.option(
        "--skip-agent-checks", is_flag=True, help="Do not validate parameters against agent metadata."
    )
    @click.option("--adopt", is_flag=True, help="Own what is the same already, even if nothing else changes.")
    @click.option(
        "--upgrade-schema",
        is_flag=True,
        help="Take the configuration to the document's schema, or to the newest that Pacemaker knows.",
    )
    @wraps(command)
    def with_documents(
        *arguments: Any,
        authoritative: bool,
        take_over: bool,
        adopt: bool,
        skip_agent_checks: bool,
        upgrade_schema: bool,
        target: Target,
        **options: Any,
    ) -> Any:
        from pacemaker_os.plan.diff.compare import PlanOptions

        plan_options = PlanOptions(
            authoritative=authoritative,
            take_over=take_over,
            adopt=adopt,
            new_nodes=target.cib_file is not None,
            validate_agents=not skip_agent_checks,
            upgrade_schema=upgrade_schema,
        )
        return command(*arguments, options=plan_options, target=target, **options)

    return with_documents


def parse_variables(variables: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE words. Raises click.UsageError."""
    found = {}
    for word in variables:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise click.UsageError(f"--var takes NAME=VALUE, not '{word}'")
        found[name] = value
    return found
