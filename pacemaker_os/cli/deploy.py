"""pcs-os deploy: deploy a highly available OpenStack cloud on bare nodes."""

from __future__ import annotations

import click

from pacemaker_os.install.phases.names import PHASES


@click.command("deploy")
@click.argument("topology", type=click.Path())
@click.option("--check", "only_check", is_flag=True, help="Show pending changes without making them.")
@click.option("--from", "start", metavar="PHASE", help=f"Start with this phase: {', '.join(PHASES)}.")
@click.option("--only", multiple=True, metavar="SERVICE", help="Limit the run to this service. Repeatable.")
@click.option("--verify", "only_verify", is_flag=True, help="Run a functional test of each service.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    topology: str,
    only_check: bool,
    start: str | None,
    only: tuple[str, ...],
    only_verify: bool,
    as_json: bool,
) -> None:
    """Deploy a highly available OpenStack cloud whose services are managed by Pacemaker.

    TOPOLOGY is a YAML file that declares the nodes, their roles, the virtual IP addresses and the services.
    Runs are idempotent: a run resumes an interrupted deployment, applies changed settings, and otherwise
    changes nothing. Secrets are generated once and stored in NAME.secrets.yaml next to the topology. Logs are
    in NAME.logs.

    \b
    Exit status:
      0  deployed; with --check: no changes; with --verify: every test passed
      1  error; with --verify: at least one test failed
      2  with --check: changes are pending

    \b
    Example:
      pcs-os deploy --check cloud.yaml
      pcs-os deploy cloud.yaml
      pcs-os deploy --verify cloud.yaml
    """
    from pacemaker_os.install import deploy
    from pacemaker_os.install.verify import verify
    from pacemaker_os.render.deploy import open_deploy_progress, print_changes, print_result, print_tests
    from pacemaker_os.text import did_you_mean

    if start is not None and start not in PHASES:
        hint = did_you_mean(start, PHASES) or f"; the phases are {', '.join(PHASES)}"
        raise click.UsageError(f"unknown phase '{start}'{hint}")
    progress = open_deploy_progress(quiet=as_json)
    try:
        with deploy.open_deployment(
            topology, progress.on_event, keep_secrets=not only_check, only=only
        ) as context:
            if only_check:
                changes = deploy.check_deployment(context)
            elif only_verify:
                progress.close()
                ctx.exit(0 if print_tests(verify(context), as_json=as_json) else 1)
            else:
                result = deploy.run_deployment(context, start=start)
    finally:
        progress.close()
    if only_check:
        print_changes(changes, as_json=as_json)
        ctx.exit(2 if changes else 0)
    print_result(result, as_json=as_json)
