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

    Cluster-maintained values, such as dc-version, and operator overrides, such as bans, standby and
    target-role, are skipped. Skipped overrides are listed on standard error. --all includes both.

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
    from pacemaker_os.errors import ClusterError
    from pacemaker_os.plan.diff.ownership import owned
    from pacemaker_os.plan.export import exportable, named

    snapshot = connect(target).query()
    if not snapshot.exists:
        raise ClusterError(f"{target.cib_file}: file not found", code="no-such-file")
    cib = whole = Cib.from_element(content.configuration(snapshot.cib))
    skipped: tuple[str, ...] = ()
    if not everything:
        cib, skipped = exportable(cib)
    text = named(document.dump(cib), owned(whole))
    if as_json:
        click.echo(json.dumps({"document": text, "skipped": list(skipped)}, ensure_ascii=False, indent=2))
    elif output is None:
        click.echo(text, nl=False)
    else:
        from pacemaker_os.cli.support.files import write_text

        write_text(output, text)
    for override in skipped:
        click.echo(f"skipped operator override (use --all to include it): {override}", err=True)
