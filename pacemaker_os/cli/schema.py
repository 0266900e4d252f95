"""pcs-os schema: print the JSON Schema of documents."""

from __future__ import annotations

import click


@click.command("schema")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (always the case for this command).")
def command(output: str | None, as_json: bool) -> None:
    """Print the JSON Schema of documents, for completion and validation in editors.

    For VS Code's YAML extension, start a document with this line:

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
