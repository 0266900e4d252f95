"""The positions in a document of what Pacemaker rejects as not valid in the schema of the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cluster.planning.schema import in_schema
from pacemaker_os.document.checks.combinations import check_combinations
from pacemaker_os.document.checks.grammar import check_grammar
from pacemaker_os.errors import Problem

#: Directory of Pacemaker's schemas. On another machine than a node, it may be missing.
_SCHEMAS = Path("/usr/share/pacemaker")

_UNKNOWN_ID = re.compile(r"references an unknown ID \"(?P<id>[^\"]*)\"")


def rejected_objects(desired: Cib, cib: etree._Element) -> Iterator[Problem]:
    """Yield why the schema of the `<cib>` does not allow objects of a document.

    Yields nothing if the schema is not installed on this machine.
    """
    schema = str(cib.get("validate-with"))
    path = _SCHEMAS / f"{schema}.rng"
    if not path.is_file():
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
