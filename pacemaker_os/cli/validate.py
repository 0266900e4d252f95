"""pcs-os validate: validate documents without a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cib import Cib, Origin
    from pacemaker_os.cluster import Target
    from pacemaker_os.document import Document
    from pacemaker_os.document.checks.finding import LintFinding
    from pacemaker_os.errors import Problem
    from pacemaker_os.plan.verification import Verification

#: The directory of Pacemaker's RELAX NG schemas.
SCHEMAS = "/usr/share/pacemaker"


@click.command("validate")
@target_options
@click.argument("documents", nargs=-1, metavar="DOC...")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the documents. Repeatable.",
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
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
    """Validate documents: keys, values, references, Pacemaker's schema and agent parameters.

    Agent metadata is read on the node of --container or --ssh, by default on this machine. Pacemaker there
    also verifies the configuration, as if all nodes were online. Warnings report
    configurations that Pacemaker accepts but that probably do not do what was intended.

    \b
    Exit status:
      0  valid
      1  problems found

    \b
    Example:
      pcs-os validate cluster.cib.yaml
      pcs-os validate --container lab-controller01 controllers.cib.yaml computes.cib.yaml
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.document import DocumentError
    from pacemaker_os.document.checks.check import check
    from pacemaker_os.document.checks.finding import START
    from pacemaker_os.errors import Problem

    document = read_documents(documents, parse_variables(variables))
    findings, unchecked = check(document.cib, document.uses), []
    for source in (_check_schema, _check_agents):
        found, reasons = source(document, target, findings)
        findings += found
        unchecked += reasons
    invalid = any(finding.code == "grammar" for finding in findings)
    rejected = any(not finding.is_warning for finding in findings)
    verified, reasons = ((), []) if invalid else _verify(document, target, rejected=rejected)
    unchecked += reasons

    def problem(finding: LintFinding) -> Problem:
        origin = finding.origin
        return Problem(origin.file, origin.line, origin.column, finding.message, finding.code)

    judged = [(problem(each), each.is_warning) for each in findings]
    judged += [(_problem(each, document.cib.origin or START), each.level == "warning") for each in verified]
    warnings = sorted({each for each, is_warning in judged if is_warning and not strict})
    problems = sorted({each for each, is_warning in judged if strict or not is_warning})
    if as_json:
        _print_json(document.name, document.cib, problems, warnings, unchecked, verified)
    else:
        for each in warnings:
            click.echo(f"{each} (warning)", err=True)
        for reason in unchecked:
            click.echo(f"not checked: {reason}", err=True)
    if as_json:
        ctx.exit(1 if problems else 0)
    elif problems:
        raise DocumentError(problems)
    else:
        from pacemaker_os.text import quantity

        count = quantity(sum(1 for _ in document.cib.objects()), "object")
        click.echo(f"{', '.join(documents)}: valid ({count})")


def _print_json(
    name: str,
    cib: Cib,
    problems: object,
    warnings: object,
    unchecked: list[str],
    verified: tuple[Verification, ...],
) -> None:
    import json
    from dataclasses import asdict
    from typing import Any

    def plain(found: Any) -> list[dict[str, Any]]:
        return [asdict(each) for each in found]

    result = {
        "name": name,
        "objects": sum(1 for _ in cib.objects()),
        "problems": plain(problems),
        "warnings": plain(warnings),
        "unchecked": unchecked,
        "verification": [each.to_json() for each in verified],
    }
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))


def _check_schema(
    document: Document, target: Target, earlier: list[LintFinding]
) -> tuple[list[LintFinding], list[str]]:
    """Validate against the schema that the document names, or the newest installed schema."""
    import re
    from pathlib import Path

    from lxml import etree

    from pacemaker_os.document.checks.grammar import check_grammar

    named = document.cib.validate_with
    numbered = {
        (int(match[1]), int(match[2])): path
        for path in Path(SCHEMAS).glob("pacemaker-*.rng")
        if (match := re.fullmatch(r"pacemaker-(\d+)\.(\d+)", path.stem))
    }
    if not numbered:
        return [], [f"Pacemaker's schema: no schema is installed in {SCHEMAS}"]
    path = numbered[max(numbered)]
    if named is not None:
        path = Path(SCHEMAS) / f"{named}.rng"
        if not path.is_file():
            return [], [f"schema {named}: it is not installed in {SCHEMAS}"]
    grammar = etree.RelaxNG(file=str(path))
    return check_grammar(document.cib, grammar, path.stem, document.uses, earlier), []


def _check_agents(
    document: Document, target: Target, earlier: list[LintFinding]
) -> tuple[list[LintFinding], list[str]]:
    """Validate parameters against the metadata of the installed agents."""
    from functools import cache

    from pacemaker_os.cluster.metadata import Metadata
    from pacemaker_os.document.checks.agents import agents_of, check_agents, check_installed
    from pacemaker_os.document.checks.unique import check_unique
    from pacemaker_os.errors import TransportError
    from pacemaker_os.transport.connect import open_transport

    cib = document.cib
    names = agents_of(cib)
    transport = open_transport(container=target.container, ssh=target.ssh)

    @cache
    def listed(kind: str) -> tuple[str, ...]:
        """Return the types of the installed agents of a class and provider (`ocf:heartbeat`)."""
        done = transport.run(["crm_resource", "--list-agents", kind], ok=())
        return tuple(line.strip() for line in done.text.splitlines()) if done.status == 0 else ()

    try:
        known = Metadata(transport).read(names)
        missing = [name for name in names if known.get(name) is None]
        # A cluster node has every agent that it runs. Another machine need not have it:
        # there, only a name that is probably misspelled is a problem.
        where = transport.name if target.container or target.ssh else None
        found = check_installed(cib, missing, listed, where)
    except TransportError as error:
        return [], [f"agent parameters: {error}"]
    finally:
        transport.close()
    reported = {name for name in missing if any(f"'{name}'" in finding.message for finding in found)}
    rest = [name for name in missing if name not in reported]
    unchecked = [f"parameters of {', '.join(rest)}: not installed on {transport.name}"] if rest else []
    return [*check_agents(cib, known.get), *check_unique(cib, known.get), *found], unchecked


def _verify(
    document: Document, target: Target, *, rejected: bool
) -> tuple[tuple[Verification, ...], list[str]]:
    """Return Pacemaker's own opinion of a document, from the scheduler on the node or on this machine.

    A document that is `rejected` already needs no reason why the scheduler cannot read it.
    """
    from pacemaker_os.cluster.planning.verify import verify_document
    from pacemaker_os.cluster.scheduler import NO_SCHEDULER, Scheduler, is_scheduler_installed
    from pacemaker_os.errors import ClusterError, TransportError
    from pacemaker_os.plan.verification import Verification
    from pacemaker_os.transport.connect import open_transport

    if not (target.container or target.ssh or is_scheduler_installed()):
        return (), [f"Pacemaker's verification: {NO_SCHEDULER}"]
    transport = open_transport(container=target.container, ssh=target.ssh)
    try:
        return verify_document(Scheduler(transport), document), []
    except (ClusterError, TransportError) as error:
        if error.code == "not-simulated" and not rejected:
            # The scheduler of the cluster would crash as well. A plan has the same error.
            return (Verification(level="error", text=str(error)),), []
        return (), [] if rejected else [f"Pacemaker's verification: {error}"]
    finally:
        transport.close()


def _problem(found: Verification, start: Origin) -> Problem:
    """Return a message of Pacemaker as a problem, at the start of the document if its position is unknown."""
    from pacemaker_os.errors import Problem

    file, line, column = found.position or (start.file, start.line, start.column)
    return Problem(file, line, column, f"Pacemaker: {found.text}", "pacemaker")
