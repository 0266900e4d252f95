"""pcs-os instances: show how instances of failed compute nodes are evacuated."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pacemaker_os.cli.support.group import Group
from pacemaker_os.cli.support.options import output_options


@click.group("instances", cls=Group)
def command() -> None:
    """Show how instances of failed compute nodes are evacuated.

    \b
    Example:
      pcs-os instances plan --fail compute01
      pcs-os instances status --ssh root@controller01 --watch
      pcs-os instances history
    """


def controller_options(inner: Callable[..., Any]) -> Callable[..., Any]:
    """Add --container and --ssh; pass a function that queries this controller as `query`."""

    @click.option("--container", metavar="NAME", help="Query the controller in this container.")
    @click.option("--ssh", metavar="[USER@]HOST", help="Query this controller over SSH.")
    @wraps(inner)
    def with_controller(*arguments: Any, container: str | None, ssh: str | None, **options: Any) -> Any:
        from pacemaker_os.cluster.instances import show
        from pacemaker_os.transport.connect import open_transport

        transport = open_transport(container=container, ssh=ssh)
        return inner(*arguments, query=lambda *args: show(transport, *args), **options)

    return with_controller


@command.command("plan")
@controller_options
@output_options
@click.option("--fail", "node", required=True, metavar="NODE", help="Compute node whose failure is assumed.")
@click.pass_context
def plan(ctx: click.Context, node: str, query: Callable[..., Any], as_json: bool, color: bool | None) -> None:
    """For each instance on NODE, show a host with free capacity in case NODE fails.

    For an instance that is not evacuated, shows the reason. Read-only.

    \b
    Exit status:
      0  every instance that should be evacuated has a host
      1  error
      5  at least one instance has no host with free capacity

    \b
    Example:
      pcs-os instances plan --fail compute01
      pcs-os instances plan --fail compute01 --container lab-controller01 --json
    """
    from pacemaker_os.render.instances import print_plan

    response = query("plan", node)
    if as_json:
        click.echo(json.dumps(response, ensure_ascii=False, indent=2))
    else:
        print_plan(response, color=color)
    ctx.exit(5 if any(each["outcome"] == "no-capacity" for each in response["instances"]) else 0)


@command.command("status")
@controller_options
@output_options
@click.option("--watch", is_flag=True, help="Refresh every two seconds until interrupted.")
def status(query: Callable[..., Any], as_json: bool, color: bool | None, watch: bool) -> None:
    """Show failed compute nodes and the evacuation state of each of their instances.

    \b
    Example:
      pcs-os instances status
      pcs-os instances status --watch
    """
    from pacemaker_os.render.instances import print_status, watch_status

    if as_json:
        click.echo(json.dumps(query("status"), ensure_ascii=False, indent=2))
    elif watch:
        watch_status(lambda: query("status"), color=color)
    else:
        print_status(query("status"), color=color)


@command.command("history")
@click.argument("node", required=False, default="")
@controller_options
@output_options
def history(node: str, query: Callable[..., Any], as_json: bool, color: bool | None) -> None:
    """List the evacuations that Nova recorded, from NODE or from all nodes, the newest first.

    \b
    Example:
      pcs-os instances history
      pcs-os instances history compute01 --json
    """
    from pacemaker_os.render.instances import print_history

    response = query("history", *([node] if node else []))
    if as_json:
        click.echo(json.dumps(response, ensure_ascii=False, indent=2))
    else:
        print_history(response, color=color)
