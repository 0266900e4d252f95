"""The positions in a document of what Pacemaker rejects as not valid in the schema of the cluster."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.schema import in_schema
from pacemaker_os.document.checks.combinations import check_combinations
from pacemaker_os.errors import ClusterError, InputError, Problem
from pacemaker_os.transport.base import Transport

#: Directory of Pacemaker's schemas. On another machine than a node, it may be missing.
_SCHEMAS = Path("/usr/share/pacemaker")

#: Prints the schemas of a node as an archive.
_ARCHIVE = (
    f"cd {_SCHEMAS} && find . -maxdepth 1 -name '*.rng' -print0 | tar --create --null --files-from=- --file=-"
)

_UNKNOWN_ID = re.compile(r"references an unknown ID \"(?P<id>[^\"]*)\"")


@contextmanager
def rejections_at_lines(cluster: Cluster, desired: Cib) -> Iterator[None]:
    """Replace Pacemaker's rejection of a configuration with the positions in the document.

    Raises InputError, or the ClusterError of Pacemaker if no object of the document is the reason.
    """
    try:
        yield
    except ClusterError as error:
        if error.code == "schema" and (problems := tuple(_rejected_objects(cluster, desired))):
            raise InputError(problems) from None
        raise


def _rejected_objects(cluster: Cluster, desired: Cib) -> Iterator[Problem]:
    """Yield why the schema of a cluster does not allow objects of a document.

    Yields nothing if the schema is installed neither on this machine nor on the node.
    """
    # Every plan imports this module, but few are rejected.
    from pacemaker_os.document.checks.grammar import check_grammar

    cib = cluster.query().cib
    schema = str(cib.get("validate-with"))
    with _schemas(cluster.transport, schema) as path:
        if path is None:
            return
        grammar = etree.RelaxNG(file=str(path))
    present = {str(each.get("id")) for each in cib.iterfind("configuration//*[@id]")}
    combinations = list(check_combinations(desired))
    violations = check_grammar(in_schema(desired, schema), grammar, schema, present, combinations)
    for finding in (*combinations, *violations):
        origin, message, code = finding.origin, finding.message, finding.code
        if (match := _UNKNOWN_ID.search(message)) is not None:
            message = f"'{match['id']}' is not in the cluster; apply the document that declares it first"
            code = "dangling"
        yield Problem(origin.file, origin.line, origin.column, message, code)


@contextmanager
def _schemas(transport: Transport, schema: str) -> Iterator[Path | None]:
    """Yield the file of a schema: that of this machine, or a copy of the node's; None without it."""
    local = _SCHEMAS / f"{schema}.rng"
    if local.is_file():
        yield local
        return
    done = transport.run(["sh", "-c", _ARCHIVE], ok=())
    with TemporaryDirectory(prefix="pcs-os.") as directory:
        copy = Path(directory) / f"{schema}.rng"
        if done.status == 0:
            import tarfile

            with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
                archive.extractall(directory, filter="data")
        yield copy if copy.is_file() else None
