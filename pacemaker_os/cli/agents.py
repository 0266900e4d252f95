"""pcs-os agents: list, describe, install and test the OCF agents."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from pacemaker_os.cli.support.group import Group
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.transport.base import Transport


@click.group("agents", cls=Group)
def command() -> None:
    """List, describe, install and test the OCF agents of pacemaker-os.

    \b
    Example:
      pcs-os agents list
      pcs-os agents metadata galera
      pcs-os agents install --ssh root@controller01 --ssh root@controller02
      pcs-os agents test --container lab-controller01 redis
    """


def agent(name: str) -> type[Agent]:
    """Return the agent of this name. Raises InputError, with a suggestion, for an unknown name."""
    from pacemaker_os.agents import find
    from pacemaker_os.install.agents import agent_names
    from pacemaker_os.text import did_you_mean

    names = agent_names()
    if name in names:
        return find(name)
    hint = did_you_mean(name, names) or f"; the agents are: {', '.join(names)}"
    raise InputError([Problem("pcs-os", 0, 0, f"unknown agent '{name}'{hint}", "unknown-agent")])


container_option = click.option(
    "--container", multiple=True, metavar="NAME", help="Use the node in this container. Repeatable."
)
ssh_option = click.option(
    "--ssh", multiple=True, metavar="[USER@]HOST", help="Use this node over SSH. Repeatable."
)


def transports(container: tuple[str, ...], ssh: tuple[str, ...]) -> Iterator[Transport]:
    """Yield a transport to each node; to this machine if no node is given."""
    from pacemaker_os.transport.connect import open_transport

    yield from (open_transport(container=name) for name in container)
    yield from (open_transport(ssh=host) for host in ssh)
    if not container and not ssh:
        yield open_transport()


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_agents(as_json: bool) -> None:
    """List the agents with a summary of each.

    \b
    Example:
      pcs-os agents list
    """
    from pacemaker_os.agents import find
    from pacemaker_os.install.agents import agent_names

    found = {name: find(name).summary for name in agent_names()}
    if as_json:
        click.echo(json.dumps([{"agent": f"ocf:pacemaker-os:{n}", "summary": s} for n, s in found.items()]))
        return
    width = max(map(len, found))
    for name, summary in found.items():
        click.echo(f"ocf:pacemaker-os:{name:<{width}}  {summary}")


@command.command("metadata")
@click.argument("name")
@click.option("--xml", "as_xml", is_flag=True, help="Print the metadata as XML, as Pacemaker reads it.")
def metadata(name: str, as_xml: bool) -> None:
    """Describe an agent: its purpose, its parameters and its operations.

    \b
    Example:
      pcs-os agents metadata redis
    """
    from pacemaker_os.ocf.metadata import xml

    kind = agent(name)
    if as_xml:
        click.echo(xml(kind, "1.1"), nl=False)
        return
    click.echo("\n".join(description(kind)))


def description(kind: type[Agent]) -> Iterator[str]:
    """Yield the lines of the description of an agent."""
    from textwrap import wrap

    yield f"ocf:pacemaker-os:{kind.name} - {kind.summary}"
    yield ""
    yield from wrap(" ".join((kind.__doc__ or "").split()), 88)
    yield ""
    yield "Parameters:"
    for parameter in kind.parameters():
        notes = [parameter.content_type if not parameter.options else "|".join(parameter.options)]
        notes += ["required"] if parameter.required else []
        notes += [f"default: {parameter.default}"] if parameter.default else []
        notes += ["reloadable"] if parameter.reloadable else []
        yield f"  {parameter.name} ({', '.join(notes)})"
        yield from wrap(parameter.help, 88, initial_indent="      ", subsequent_indent="      ")
    yield ""
    yield "Operations:"
    for action in kind.actions:
        options = [f"timeout={action.timeout}s"]
        options += [f"interval={action.interval}s"] if action.interval is not None else []
        options += [f"role={action.role}"] if action.role else []
        options += [f"OCF_CHECK_LEVEL={action.depth}"] if action.depth else []
        yield f"  {action.name:<8}  {' '.join(options)}"


@command.command("install")
@container_option
@ssh_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def install(container: tuple[str, ...], ssh: tuple[str, ...], as_json: bool) -> None:
    """Install the agents on nodes or on this machine. Running resources are not affected.

    \b
    Example:
      pcs-os agents install --ssh root@controller01 --ssh root@controller02
    """
    from pacemaker_os.install import agents

    release = agents.release()
    done = []
    for transport in transports(container, ssh):
        outcome = agents.install(transport, release)
        done.append({"node": outcome.node, "release": outcome.release, "changed": outcome.changed})
        if not as_json:
            state = "installed" if outcome.changed else "already installed"
            click.echo(f"{outcome.node}: {state}: release {outcome.release}")
    if as_json:
        click.echo(json.dumps(done))


@command.command("test")
@click.argument("names", nargs=-1, required=True, metavar="AGENT...")
@container_option
@ssh_option
@click.option(
    "-o",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Also run ocf-tester with this parameter. It starts and stops the service on the node! Repeatable.",
)
@click.pass_context
def test(
    context: click.Context,
    names: tuple[str, ...],
    container: tuple[str, ...],
    ssh: tuple[str, ...],
    parameters: tuple[str, ...],
) -> None:
    """Test that installed agents conform to OCF and reject malformed parameters.

    Does not start the service unless you use -o. AGENT is a name, or the path of an executable on the node.

    \b
    Example:
      pcs-os agents test redis galera
      pcs-os agents test -o port=16379 -o config=/etc/redis/test.conf redis
    """
    from pacemaker_os.errors import ClusterError
    from pacemaker_os.install.agents import HOME, PROVIDER, PYTHON

    passed = True
    for transport in transports(container, ssh):
        for name in names:
            path = name if "/" in name else f"{PROVIDER}/{agent(name).name}"
            argv = [PYTHON, "-m", "pacemaker_os.ocf.conformance", path]
            checked = transport.run(argv, env={"PYTHONPATH": f"{HOME}/current"}, timeout=600, ok=())
            output = (checked.text + checked.error_text).strip()
            if "No module named 'pacemaker_os'" in output:
                option = "--container" if transport.name in container else "--ssh"
                where = f" {option} {transport.name}" if transport.name in (*container, *ssh) else ""
                message = f"{transport.name}: the agents are not installed; run: pcs-os agents install{where}"
                raise ClusterError(message, code="no-agents")
            click.echo(
                f"{transport.name}: {path}: {'conforms' if not checked.status else 'does not conform'}"
            )
            passed &= not checked.status
            if output:
                click.echo(output)
            if parameters:
                options = [option for parameter in parameters for option in ("-o", parameter)]
                tested = transport.run(
                    ["ocf-tester", "-n", "pcs-os-test", *options, path], timeout=1200, ok=()
                )
                click.echo((tested.text + tested.error_text).strip())
                passed &= not tested.status
    context.exit(0 if passed else 1)
