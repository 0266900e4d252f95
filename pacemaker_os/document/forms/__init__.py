"""The ways in which children are written; a field of the model names one of them in its table.

Every form reads (`decode`) and writes (`encode`) the same: what it writes, it reads back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pacemaker_os.cib.table import Children
from pacemaker_os.document.forms import common, nvsets, operations, rules, sets
from pacemaker_os.document.reader import Reader
from pacemaker_os.document.tree import Node
from pacemaker_os.document.writer import Plain, Writer


@dataclass(frozen=True, slots=True)
class Form:
    """How children are read from a tree and written; `encode` gives None when there is nothing to say."""

    decode: Callable[[Children, Node, Reader], Any]
    encode: Callable[[Children, Any, Writer], Plain]


FORMS: dict[str, Form] = {
    "object": Form(common.decode_object, common.encode_object),
    "list": Form(common.decode_list, common.encode_list),
    "named": Form(common.decode_named, common.encode_named),
    "names": Form(common.decode_names, common.encode_names),
    "storage": Form(common.decode_storage, common.encode_storage),
    "nvsets": Form(nvsets.decode_sets, nvsets.encode_sets),
    "nvpairs": Form(nvsets.decode_pairs, nvsets.encode_pairs),
    "rule": Form(rules.decode_rule, rules.encode_rule),
    "rules": Form(rules.decode_rules, rules.encode_rules),
    "expressions": Form(rules.decode_expressions, rules.encode_expressions),
    "operations": Form(operations.decode_operations, operations.encode_operations),
    "sets": Form(sets.decode_sets, sets.encode_sets),
    "select": Form(common.decode_select, common.encode_select),
    "recipients": Form(common.decode_recipients, common.encode_recipients),
}
