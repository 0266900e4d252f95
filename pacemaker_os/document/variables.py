"""`${name}` in values: from `--var`, the environment, or the document's own `vars:`, in this order."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map

from pacemaker_os.cib import Origin
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node
from pacemaker_os.text import did_you_mean

_REFERENCE = re.compile(r"\$(\$(?=\{)|\{([^{}]*)\})")


#: The place of a problem with a variable that a caller set.
_COMMAND_LINE = Origin("--var", 0, 0)


def substitute(
    tree: Mapping, variables: Map[str, str], problems: Problems, *, environment: Map[str, str] | None = None
) -> Mapping:
    """Return `tree` without its `vars:` block, with every `${name}` replaced; `$${` is a literal `${`.

    `variables` come from the command line and take precedence over the `environment`, which takes precedence
    over the block. A variable of the command line that the tree neither uses nor declares is a problem,
    because it is probably misspelled.
    """
    defaults = _defaults(tree.get("vars"), problems)
    values = {**defaults, **(environment or {}), **variables}
    substitution = _Substitution(values, tuple(defaults), problems)
    result = substitution.mapping(tree.without("vars"))
    known = {*defaults, *substitution.used}
    for name in variables:
        if name not in known:
            remedy = did_you_mean(name, sorted(known)) or "; no document uses or declares it"
            problems.add(_COMMAND_LINE, f"unknown variable '{name}'{remedy}", "unknown-variable")
    return result


def _defaults(block: Node | None, problems: Problems) -> dict[str, str]:
    if block is None or (isinstance(block, Scalar) and block.text is None):
        return {}
    if not isinstance(block, Mapping):
        problems.add(block.origin, "`vars:` must be a mapping of names to values", "wrong-type")
        return {}
    found = {}
    for name, _key, value in block:
        if isinstance(value, Scalar) and value.text is not None:
            found[name] = value.text
        else:
            message = f"variable '{name}' must be a string, not {describe_node(value)}"
            problems.add(value.origin, message, "wrong-type")
            found[name] = ""
    return found


class _Substitution:
    def __init__(self, values: Map[str, str], known: tuple[str, ...], problems: Problems) -> None:
        self._values, self._known, self._problems = values, known, problems
        self.used: set[str] = set()

    def mapping(self, mapping: Mapping) -> Mapping:
        return Mapping(tuple((key, self._node(value)) for key, value in mapping.items), mapping.origin)

    def _node(self, node: Node) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, Mapping):
            return self.mapping(node)
        return Sequence(tuple(map(self._node, node.items)), node.origin)

    def _scalar(self, node: Scalar) -> Scalar:
        if node.text is None or "${" not in node.text:
            return node

        def value(match: re.Match[str]) -> str:
            if match[1] == "$":
                return "$"
            name = match[2]
            self.used.add(name)
            if name not in self._values:
                remedy = did_you_mean(name, self._known) or f"; set it with --var {name}=VALUE"
                self._problems.add(node.origin, f"unknown variable '{name}'{remedy}", "unknown-variable")
            return self._values.get(name, "")

        return Scalar(_REFERENCE.sub(value, node.text), node.origin)
