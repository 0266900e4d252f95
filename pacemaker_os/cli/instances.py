"""pcs-os instances: what becomes of the instances of compute nodes that die, or died."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pacemaker_os.cli.support.options import output_options


@click.group("instances")
def command() -> None:
    """What becomes of instances when their compute node dies (docs/instance-ha.md).

    \b
    Example:
      pcs-os instances plan --fail compute01
      pcs-os instances status --ssh root@controller01 --watch
      pcs-os instances history
    """


def controller_options(inner: Callable[..., Any]) -> Callable[..., Any]:
    """Add --container and --ssh, and hand on what asks that controller as `ask`."""

    @click.option("--container", metavar="NAME", help="Ask the controller in this container.")
    @click.option("--ssh", metavar="[USER@]HOST", help="Ask this controller.")
    @wraps(inner)
    def with_controller(*arguments: Any, container: str | None, ssh: str | None, **options: Any) -> Any:
        from pacemaker_os.cluster.instances import show
        from pacemaker_os.transport.connect import open_transport

        transport = open_transport(container=container, ssh=ssh)
        return inner(*arguments, ask=lambda *words: show(transport, *words), **options)

    return with_controller


@command.command("plan")
@controller_options
@output_options
@click.option("--fail", "node", required=True, metavar="NODE", help="The compute node that would die.")
@click.pass_context
def plan(ctx: click.Context, node: str, ask: Callable[..., Any], as_json: bool, color: bool | None) -> None:
    """Show for each instance of NODE where there is room for it if NODE died now, or why it would stay.

    Nothing is changed. The exit status is 5 when an instance that should move has no place to go.

    \b
    Example:
      pcs-os instances plan --fail compute01
      pcs-os instances plan --fail compute01 --container lab-controller01 --json
    """
    from pacemaker_os.render.instances import print_forecast

    said = ask("plan", node)
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        print_forecast(said, color=color)
    ctx.exit(5 if any(each["outcome"] == "no-capacity" for each in said["instances"]) else 0)


@command.command("status")
@controller_options
@output_options
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
def status(ask: Callable[..., Any], as_json: bool, color: bool | None, watch: bool) -> None:
    """Show the compute nodes that died, and how far the evacuation of each of their instances is.

    \b
    Example:
      pcs-os instances status
      pcs-os instances status --watch
    """
    from pacemaker_os.render.instances import print_status, watch_status

    if as_json:
        click.echo(json.dumps(ask("status"), ensure_ascii=False, indent=2))
    elif watch:
        watch_status(lambda: ask("status"), color=color)
    else:
        print_status(ask("status"), color=color)


@command.command("history")
@click.argument("node", required=False, default="")
@controller_options
@output_options
def history(node: str, ask: Callable[..., Any], as_json: bool, color: bool | None) -> None:
    """List the evacuations that Nova remembers, away from NODE or all of them, the newest first.

    \b
    Example:
      pcs-os instances history
      pcs-os instances history compute01 --json
    """
    from pacemaker_os.render.instances import print_history

    said = ask("history", *([node] if node else []))
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        print_history(said, color=color)
