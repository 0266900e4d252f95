"""pcs-os export: export a cluster configuration as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("export")
@target_options
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option(
    "--all", "everything", is_flag=True, help="Include cluster-maintained values and operator overrides."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the document as a string.")
def command(target: Target, output: str | None, everything: bool, as_json: bool) -> None:
    """Export the configuration of a live cluster or of a CIB file as a document.

    Operator overrides that no document declares, such as bans, standby and target-role, and
    cluster-maintained values, such as dc-version and the state of agents, are skipped. Skipped overrides and
    the state of agents are listed on standard error. --all includes them and lists the state of agents.

    \b
    Example:
      pcs-os export -o cluster.cib.yaml
      pcs-os export --cib-file /var/lib/pacemaker/cib/cib.xml
    """
    import json

    from pacemaker_os import document
    from pacemaker_os.cib import Cib
    from pacemaker_os.cib.tree import content
    from pacemaker_os.cluster import connect
    from pacemaker_os.errors import MissingFile
    from pacemaker_os.plan.diff.item import agent_values
    from pacemaker_os.plan.diff.ownership import owned
    from pacemaker_os.plan.export import Skipped, exportable, named

    snapshot = connect(target).query()
    if not snapshot.exists:
        raise MissingFile(str(target.cib_file))
    cib = whole = Cib.from_element(content.configuration(snapshot.cib))
    skipped = Skipped()
    if not everything:
        cib, skipped = exportable(cib)
    text = named(document.dump(cib), owned(whole))
    if as_json:
        data = {
            "document": text,
            "skipped": list(skipped.overrides),
            "skipped_cluster_maintained": list(skipped.maintained),
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif output is None:
        click.echo(text, nl=False)
    else:
        from pacemaker_os.cli.support.files import write_private

        write_private(output, text)
    for override in skipped.overrides:
        click.echo(f"skipped operator override (use --all to include it): {override}", err=True)
    for value in skipped.maintained:
        click.echo(f"skipped cluster-maintained value (use --all to include it): {value}", err=True)
    for value in agent_values(whole) if everything else ():
        click.echo(f"included cluster-maintained value: {value}", err=True)
