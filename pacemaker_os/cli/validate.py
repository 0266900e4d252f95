"""pcs-os validate: whether documents are right, before anything is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cib import Cib
    from pacemaker_os.cluster import Target
    from pacemaker_os.document.checks.finding import LintFinding

#: Where Pacemaker's grammars are installed.
SCHEMAS = "/usr/share/pacemaker"


@click.command("validate")
@target_options
@click.argument("documents", nargs=-1, metavar="DOC...")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a document's variable.")
@click.option("--strict", is_flag=True, help="Take advice for problems.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    target: Target,
    strict: bool,
    as_json: bool,
) -> None:
    """Check documents: words, values, references, Pacemaker's grammar, and what agents say of themselves.

    Agents are asked where --container or --ssh lead, else on this machine. Advice is about what Pacemaker
    would take, but probably not as it was meant. The exit status is 0 when all is well, 1 when there are
    problems.

    \b
    Example:
      pcs-os validate cluster.cib.yaml
      pcs-os validate --container lab-controller01 controllers.cib.yaml computes.cib.yaml
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.document import DocumentError
    from pacemaker_os.document.checks.check import check
    from pacemaker_os.errors import Problem

    document = read_documents(documents, parse_variables(variables))
    findings, unchecked = check(document.cib), []
    for source in (_grammar, _agents):
        found, reasons = source(document.cib, target)
        findings += found
        unchecked += reasons

    def problem(finding: LintFinding) -> Problem:
        origin = finding.origin
        return Problem(origin.file, origin.line, origin.column, finding.message, finding.code)

    advice = sorted({problem(each) for each in findings if each.is_warning and not strict})
    problems = sorted({problem(each) for each in findings if strict or not each.is_warning})
    if as_json:
        _print_json(document.name, document.cib, problems, advice, unchecked)
    else:
        for each in advice:
            click.echo(f"{each} (advice)", err=True)
        for reason in unchecked:
            click.echo(f"not checked: {reason}", err=True)
    if as_json:
        ctx.exit(1 if problems else 0)
    elif problems:
        raise DocumentError(problems)
    else:
        click.echo(f"{', '.join(documents)}: good, {sum(1 for _ in document.cib.objects())} objects")


def _print_json(name: str, cib: Cib, problems: object, advice: object, unchecked: list[str]) -> None:
    import json
    from dataclasses import asdict
    from typing import Any

    def plain(found: Any) -> list[dict[str, Any]]:
        return [asdict(each) for each in found]

    said = {
        "name": name,
        "objects": sum(1 for _ in cib.objects()),
        "problems": plain(problems),
        "advice": plain(advice),
        "unchecked": unchecked,
    }
    click.echo(json.dumps(said, indent=2, ensure_ascii=False))


def _grammar(cib: Cib, target: Target) -> tuple[list[LintFinding], list[str]]:
    """Check against the schema that the document names, else the newest that is installed here."""
    import re
    from pathlib import Path

    from lxml import etree

    from pacemaker_os.cib.grammar import violations
    from pacemaker_os.document.checks.finding import START, LintFinding

    numbered = {
        (int(match[1]), int(match[2])): path
        for path in Path(SCHEMAS).glob("pacemaker-*.rng")
        if (match := re.fullmatch(r"pacemaker-(\d+)\.(\d+)", path.stem))
    }
    if not numbered:
        return [], [f"Pacemaker's grammar, as there is none in {SCHEMAS}"]
    path = numbered[max(numbered)]
    if cib.validate_with is not None:
        path = Path(SCHEMAS) / f"{cib.validate_with}.rng"
        if not path.is_file():
            return [], [f"the grammar {cib.validate_with}, which is not in {SCHEMAS}"]
    found = []
    for violation in violations(cib, etree.RelaxNG(file=str(path))):
        origin = (violation.object.origin if violation.object else None) or cib.origin
        said = f"{path.stem} does not allow this: {violation.message}"
        found.append(LintFinding(origin or START, said, "grammar"))
    return found, []


def _agents(cib: Cib, target: Target) -> tuple[list[LintFinding], list[str]]:
    """Check against the agents' own metadata, where they are installed."""
    from functools import cache

    from pacemaker_os.cluster.metadata import Metadata
    from pacemaker_os.document.checks.agents import agents_of, check_agents, check_installed
    from pacemaker_os.document.checks.unique import check_unique
    from pacemaker_os.errors import TransportError
    from pacemaker_os.transport.connect import open_transport

    names = agents_of(cib)
    transport = open_transport(container=target.container, ssh=target.ssh)

    @cache
    def listed(kind: str) -> tuple[str, ...]:
        """The types of the installed agents of a class and provider (`ocf:heartbeat`)."""
        done = transport.run(["crm_resource", "--list-agents", kind], ok=())
        return tuple(line.strip() for line in done.text.splitlines()) if done.status == 0 else ()

    try:
        known = Metadata(transport).read(names)
        missing = [name for name in names if known.get(name) is None]
        # A node of the cluster has what it runs; another machine need not, unless the name is a slip.
        where = transport.name if target.container or target.ssh else None
        found = check_installed(cib, missing, listed, where)
    except TransportError as error:
        return [], [f"agents' parameters: {error}"]
    finally:
        transport.close()
    told = {name for name in missing if any(f"'{name}'" in finding.message for finding in found)}
    rest = [name for name in missing if name not in told]
    unchecked = [f"{', '.join(rest)}: not installed on {transport.name}"] if rest else []
    return [*check_agents(cib, known.get), *check_unique(cib, known.get), *found], unchecked
