"""pcs-os validate: whether documents are right, before anything is planned."""

from __future__ import annotations

import click

from pacemaker_os.cli.target import parse_variables


@click.command("validate")
@click.argument("documents", nargs=-1, metavar="DOC...")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a document's variable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(documents: tuple[str, ...], variables: tuple[str, ...], as_json: bool) -> None:
    """Check documents: their words, values and references; every problem with its place.

    The exit status is 0 when all is well and 1 when there are problems.

    \b
    Example:
      pcs-os validate cluster.cib.yaml
      pcs-os validate controllers.cib.yaml computes.cib.yaml
    """
    from pacemaker_os.cli.documents import read_documents

    document = read_documents(documents, parse_variables(variables))
    objects = sum(1 for _ in document.cib.objects())
    if as_json:
        import json

        click.echo(json.dumps({"name": document.name, "objects": objects, "problems": []}, indent=2))
    else:
        click.echo(f"{', '.join(documents)}: good, {objects} objects")
