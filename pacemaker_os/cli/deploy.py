"""pcs-os deploy: an OpenStack, highly available, from bare nodes."""

from __future__ import annotations

import click


class PhaseOption(click.Option):
    """The option --from. Its help names the phases, which are imported only to print that help."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from pacemaker_os.install.phases.phases import NAMES

        self.help = f"Start with this phase: {', '.join(NAMES)}."
        return super().get_help_record(ctx)


@click.command("deploy")
@click.argument("topology", type=click.Path())
@click.option("--check", "only_check", is_flag=True, help="Show what would be changed, and change nothing.")
@click.option("--from", "start", cls=PhaseOption, metavar="PHASE")
@click.option("--only", multiple=True, metavar="SERVICE", help="Only this service; may be given again.")
@click.option("--verify", "only_verify", is_flag=True, help="Ask the services for what they are there for.")
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
    """Make bare nodes a highly available OpenStack, every service under Pacemaker.

    TOPOLOGY is a YAML file that names the nodes, their roles, the virtual addresses and the services.
    Running it again finishes what was cut off, brings about what was changed, and otherwise changes nothing.
    Secrets are made once and kept beside the topology in NAME.secrets.yaml; logs are in NAME.logs.

    The exit status is 0 when it is done; with --check 0 when there is nothing to do and 2 when there is;
    with --verify 0 when every service does what it is there for.

    \b
    Example:
      pcs-os deploy --check cloud.yaml
      pcs-os deploy cloud.yaml
      pcs-os deploy --verify cloud.yaml
    """
    from pacemaker_os.install import deploy
    from pacemaker_os.install.phases.phases import NAMES
    from pacemaker_os.install.verify import verify
    from pacemaker_os.render.deploy import open_deploy_progress, print_changes, print_ended, print_seen

    if start is not None and start not in NAMES:
        raise click.UsageError(f"there is no phase '{start}'; the phases are {', '.join(NAMES)}")
    progress = open_deploy_progress(quiet=as_json)
    try:
        with deploy.open_run(topology, progress.tell, keep_secrets=not only_check, only=only) as run:
            if only_check:
                changes = deploy.check(run)
            elif only_verify:
                progress.close()
                ctx.exit(0 if print_seen(verify(run), as_json=as_json) else 1)
            else:
                ended = deploy.carry_out(run, start=start)
    finally:
        progress.close()
    if only_check:
        print_changes(changes, as_json=as_json)
        ctx.exit(2 if changes else 0)
    print_ended(ended, as_json=as_json)
