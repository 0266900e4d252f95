"""Check the texts of a document for characters that a CIB cannot contain.

XML 1.0 has no representation for control characters, surrogates, U+FFFE and U+FFFF.
"""

from __future__ import annotations

import re

from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar

#: Control characters, surrogates, U+FFFE and U+FFFF. A set of the others takes much longer to compile.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def check_characters(node: Node, problems: Problems) -> None:
    """Add a problem for each text in `node`, also of a key, that a CIB cannot contain."""
    if isinstance(node, Scalar):
        for text in (node.text, node.secret):
            if text and (message := forbidden_character(text)):
                problems.add(node.origin, message, "character")
    elif isinstance(node, Mapping):
        for key, value in node.items:
            check_characters(key, problems)
            check_characters(value, problems)
    else:
        for item in node.items:
            check_characters(item, problems)


def forbidden_character(text: str) -> str | None:
    """Return a message about the first character of `text` that a CIB cannot contain, None without one."""
    found = _NOT_IN_XML.search(text)
    return None if found is None else f"a CIB cannot contain the character U+{ord(found[0]):04X}"
