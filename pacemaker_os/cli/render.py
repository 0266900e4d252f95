"""pcs-os render: render documents as CIB XML."""

from __future__ import annotations

import click

from pacemaker_os.cli.support.options import parse_variables


@click.command("render")
@click.argument("documents", nargs=-1, metavar="DOC...")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the documents. Repeatable.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the XML as a string.")
def command(
    documents: tuple[str, ...], variables: tuple[str, ...], output: str | None, as_json: bool
) -> None:
    """Render documents as CIB XML: one <configuration> with all IDs.

    \b
    Example:
      pcs-os render cluster.cib.yaml
      pcs-os render --var vip=192.0.2.10 cluster.cib.yaml -o cib.xml
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cli.support.files import write_text

    text = read_documents(documents, parse_variables(variables)).cib.to_xml()
    if as_json:
        import json

        click.echo(json.dumps({"xml": text}, ensure_ascii=False))
    if output is None:
        if not as_json:
            click.echo(text, nl=False)
    else:
        write_text(output, text)
