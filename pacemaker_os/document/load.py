"""Read documents: parse, merge, substitute, decode and check them, and collect every problem."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import field, replace
from pathlib import PurePath

from pacemaker_os.cib import Cib, Origin
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.characters import check_characters, forbidden_character
from pacemaker_os.document.checks.check import check_values
from pacemaker_os.document.checks.references import check_references
from pacemaker_os.document.decode import decode_cib
from pacemaker_os.document.forms.reader import Reader, SecretUse
from pacemaker_os.document.forms.table import DECODERS
from pacemaker_os.document.merge import merge
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.source import Include, Source
from pacemaker_os.document.variables import substitute
from pacemaker_os.document.yaml.tree import Mapping, Scalar, is_null

#: The default name and the suffix of document files.
FILE = "cluster.cib.yaml"
SUFFIX = ".cib.yaml"


@dataclass(frozen=True, slots=True)
class Document:
    """The configuration that one or more files declare together.

    `name` is the owner of its objects in the cluster. `uses` are names that other documents own.
    `secrets` are the parameters whose values are distributed to the nodes outside the CIB.
    """

    name: str
    cib: Cib
    uses: tuple[str, ...] = ()
    secrets: tuple[SecretUse, ...] = ()
    files: tuple[str, ...] = field(default=(), compare=False)


def load(
    text: str, *, file: str = FILE, variables: Map[str, str] | None = None, include: Include | None = None
) -> Cib:
    """Return the CIB that a document declares. Raises DocumentError with every problem found."""
    return read([Source(file, text)], variables=variables, include=include).cib


def read(
    sources: Iterable[Source],
    *,
    variables: Map[str, str] | None = None,
    environment: Map[str, str] | None = None,
    include: Include | None = None,
) -> Document:
    """Return the document that `sources` form together.

    `variables` take precedence over the `environment`, and both over the document's own `vars:`. Only
    `variables` must be used or declared. `include` reads the file that an `include:` names, relative to the
    including file. Raises DocumentError with every problem found.
    """
    problems = Problems()
    sources = tuple(sources)
    tree, files = merge(sources, include, problems)
    if tree is None:
        problems.raise_any()
        tree = Mapping((), Origin(FILE, 1, 1))
    tree = substitute(tree, variables or {}, problems, environment=environment)
    check_characters(tree, problems)
    reader = Reader(problems, DECODERS)
    cib = decode_cib(tree, reader)
    uses = _uses(tree, reader)
    schema = tree.get("schema")
    if schema is not None and (named := reader.name(schema, "'schema'")):
        cib = replace(cib, attributes=(("validate-with", named),))
    name = _name(tree, sources, reader)
    if problems:
        for finding in check_values(cib, uses):
            if not finding.is_warning and finding.code not in ("dangling", "combination"):
                problems.add(finding.origin, finding.message, finding.code)
    problems.raise_any()
    check_references(cib, uses, problems)
    problems.raise_any()
    return Document(name, cib, uses, tuple(reader.secrets), files)


def _uses(tree: Mapping, reader: Reader) -> tuple[str, ...]:
    node = tree.get("uses")
    if node is None:
        return ()
    return tuple(reader.name(item, "a name in 'uses'") or "" for item in reader.sequence(node, "'uses'"))


def _name(tree: Mapping, sources: tuple[Source, ...], reader: Reader) -> str:
    node = tree.get("name")
    if node is not None and not is_null(node):
        return reader.name(node, "'name'") or ""
    if not sources:
        return "cluster"
    name = PurePath(sources[0].file).name.removesuffix(SUFFIX).removesuffix(".yaml")
    if message := forbidden_character(name):
        remedy = "; set `name` in the document"
        reader.problem(
            Scalar(None, Origin(sources[0].file, 1, 1)), f"{message} (file name){remedy}", "character"
        )
    return name
