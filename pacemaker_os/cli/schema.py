"""pcs-os schema: the JSON Schema of documents, for editors."""

from __future__ import annotations

import click


@click.command("schema")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, which this command does anyway.")
def command(output: str | None, as_json: bool) -> None:
    """Print the JSON Schema of documents; editors complete and check from it.

    Put this line first in a document, so that VS Code's YAML extension finds the schema:

    \b
      # yaml-language-server: $schema=./schema.json

    \b
    Example:
      pcs-os schema -o schema.json
    """
    import json

    from pacemaker_os import document

    text = json.dumps(document.json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        from pacemaker_os.cli.support.files import write_text

        write_text(output, text)
