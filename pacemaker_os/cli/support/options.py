"""Options that commands share: the target cluster, planning options and output options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pacemaker_os.cluster.target import Target

Command = Callable[..., Any]


def target_options(command: Command) -> Command:
    """Add --cib-file, --container and --ssh; pass them to the command as `target`."""

    @click.option(
        "--cib-file",
        metavar="FILE",
        help="Use a CIB file instead of a running cluster; - reads standard input.",
    )
    @click.option(
        "--container", metavar="NAME", help="Connect to the cluster through the node in this container."
    )
    @click.option("--ssh", metavar="[USER@]HOST", help="Connect to the cluster through this node over SSH.")
    @wraps(command)
    def with_target(
        *arguments: Any, cib_file: str | None, container: str | None, ssh: str | None, **options: Any
    ) -> Any:
        from pacemaker_os.cluster.target import Target

        _reject_shared_input((cib_file, *options.get("documents", ())))
        target = Target(cib_file=cib_file, container=container, ssh=ssh)
        return command(*arguments, target=target, **options)

    return with_target


def _reject_shared_input(files: Iterable[str | None]) -> None:
    """Raise InputError if more than one file is standard input, which can be read only once."""
    from pacemaker_os.cluster.target import STANDARD_INPUT

    if sum(file == STANDARD_INPUT for file in files) > 1:
        from pacemaker_os.errors import InputError, Problem

        message = "cannot read more than one file from standard input; name a file for each other `-`"
        raise InputError([Problem("pcs-os", 0, 0, message, "usage")])


def output_options(command: Command) -> Command:
    """Add --json and --color; pass --color as `color`: True, False, or None for automatic."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="When to use color. The environment variable NO_COLOR is honored.",
    )
    @wraps(command)
    def with_output(*arguments: Any, color: str, **options: Any) -> Any:
        enabled = {"auto": None, "always": True, "never": False}[color]
        return command(*arguments, color=enabled, **options)

    return with_output


def document_options(command: Command, *, metavar: str = "DOC...") -> Command:
    """Add DOC..., --var and the planning options; pass the latter to the command as `options`."""

    @click.argument("documents", nargs=-1, metavar=metavar)
    @click.option(
        "--var",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a variable of the documents. Repeatable.",
    )
    @click.option("--authoritative", is_flag=True, help="Also remove objects that no document owns.")
    @click.option(
        "--take-over", is_flag=True, help="Take ownership of declared objects that other documents own."
    )
    @click.option(
        "--skip-agent-checks", is_flag=True, help="Do not validate parameters against agent metadata."
    )
    @click.option(
        "--adopt",
        is_flag=True,
        help="Take ownership of matching unowned objects, even if nothing else changes. Matching objects "
        "of other documents stay with these.",
    )
    @click.option(
        "--upgrade-schema",
        is_flag=True,
        help="Upgrade the CIB to the schema that the document names, or to the newest supported schema.",
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


#: `document_options` for a command that needs no document with certain options.
optional_document_options = partial(document_options, metavar="[DOC...]")


def allow_option(command: Command) -> Command:
    """Add --allow; pass its names to the command as `allow`, or None if the option is absent."""
    return click.option(
        "--allow",
        metavar="EFFECTS",
        callback=_allowed,
        help="Effects to allow besides start, promote, migrate and reload (for example: restart,move); any "
        "other effect aborts with exit status 4. With --yes, override-loss permits the loss of overrides.",
    )(command)


def _allowed(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    from pacemaker_os.plan.gate import parse_allowed

    if text is None:
        return None
    try:
        return parse_allowed(text)
    except ValueError as error:
        raise click.UsageError(f"--allow: {error}") from None


def allow_invalid_option(command: Command) -> Command:
    """Add --allow-invalid; pass its values to the command as `allow_invalid`."""
    return click.option(
        "--allow-invalid",
        multiple=True,
        metavar="NAME",
        help="Write the object NAME although Pacemaker finds an error in it. NAME is its name in the plan; "
        "'configuration' for errors about no single object. Repeatable.",
    )(command)


def parse_variables(variables: tuple[str, ...]) -> dict[str, str]:
    """Read variables of the form NAME=VALUE. Raises click.UsageError."""
    found = {}
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not name or not equals:
            raise click.UsageError(f"--var requires NAME=VALUE, not '{variable}'")
        found[name] = value
    return found
