"""pcs-os init: create a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("init")
@target_options
@click.argument("document", default="cluster.cib.yaml", metavar="[DOC]")
@click.option(
    "--live", is_flag=True, help="Use the configuration of the target cluster (default: this machine's)."
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(target: Target, document: str, live: bool, force: bool, as_json: bool) -> None:
    """Create a document from a commented template or from a live cluster.

    \b
    Example:
      pcs-os init
      pcs-os init --live web.cib.yaml
      pcs-os init --container lab-controller01 lab.cib.yaml
    """
    import json
    from pathlib import Path

    from pacemaker_os.cli.support.files import write_text
    from pacemaker_os.document.starter import starter_document
    from pacemaker_os.errors import InputError, Problem

    if Path(document).exists() and not force:
        message = "file already exists; use --force to overwrite it"
        raise InputError([Problem(document, 0, 0, message, "exists")])
    if live or target != type(target)():
        text = _of_cluster(target)
    else:
        name = Path(document).name.removesuffix(".cib.yaml").removesuffix(".yaml")
        text = starter_document(document, name)
    write_text(document, text)
    if as_json:
        click.echo(json.dumps({"document": document}))
    else:
        click.echo(f"{document} written. Next, run: pcs-os validate {document}")


def _of_cluster(target: Target) -> str:
    """Return a cluster configuration as a document, as `pcs-os export` writes it."""

    from pacemaker_os import document
    from pacemaker_os.cib import Cib
    from pacemaker_os.cib.tree import content
    from pacemaker_os.cluster import connect
    from pacemaker_os.document.starter import HEADER
    from pacemaker_os.errors import MissingFile
    from pacemaker_os.plan.export import exportable

    snapshot = connect(target).query()
    if not snapshot.exists:
        raise MissingFile(str(target.cib_file))
    cib, _ = exportable(Cib.from_element(content.configuration(snapshot.cib)))
    return HEADER.format(schema="./schema.json") + document.dump(cib)
