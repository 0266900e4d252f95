"""What decoding a tree needs everywhere: reading texts and collections, telling problems, known names."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from pacemaker_os.cib.table import Children
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null

#: Before a name in a constraint: the resource itself, not its clone. (An id cannot hold a colon.)
INNER = "primitive:"

#: Reads the children that a table row describes from a node of the tree.
Decoder = Callable[[Children, Node, "Reader"], Any]


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A parameter of a resource whose value is a secret: the CIB says only that there is one."""

    resource: str
    parameter: str
    secret: str


@dataclass(slots=True)
class Reader:
    """The state of reading one document."""

    problems: Problems
    #: How children are read, by the name of their form.
    decoders: Map[str, Decoder]
    #: From a cloned primitive's or group's name to its clone's id.
    clones: dict[str, str] = field(default_factory=dict)
    #: Every resource at the top (a clone, not what it clones) that is no fencing device.
    services: list[str] = field(default_factory=list)
    secrets: list[SecretUse] = field(default_factory=list)

    def problem(self, node: Node, message: str, code: str) -> None:
        """Note what is wrong with `node`."""
        self.problems.add(node.origin, message, code)

    def text(self, node: Node, what: str) -> str | None:
        """Return a scalar's text; `what` names it in the message when it is none."""
        if isinstance(node, Scalar) and node.secret:
            said = f"{what} cannot be a secret: Pacemaker keeps secrets for plain parameters of primitives"
            self.problem(node, said, "secret-place")
        elif isinstance(node, Scalar) and node.text is not None:
            return node.text
        else:
            self.problem(node, f"{what} must be a text, not {describe_node(node)}", "wrong-type")
        return None

    def mapping(self, node: Node, what: str) -> Mapping:
        """Return a mapping; an empty one, and a problem unless it is null, when `node` is none."""
        if isinstance(node, Mapping):
            return node
        if not is_null(node):
            self.problem(node, f"{what} must be a mapping, not {describe_node(node)}", "wrong-type")
        return Mapping((), node.origin)

    def sequence(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return a list's items; none, and a problem unless it is null, when `node` is no list."""
        if isinstance(node, Sequence):
            return node.items
        if not is_null(node):
            self.problem(node, f"{what} must be a list, not {describe_node(node)}", "wrong-type")
        return ()

    def resource(self, name: str) -> str:
        """Return the id that a constraint means by `name`: a cloned resource's clone."""
        if name.startswith(INNER):
            return name.removeprefix(INNER)
        return self.clones.get(name, name)


def has_collections(mapping: Mapping, *keys: str) -> bool:
    """Tell whether one of these keys has a collection as value: the mark of a long form."""
    return any(isinstance(mapping.get(key), Mapping | Sequence) for key in keys)
