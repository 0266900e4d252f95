"""The state of decoding a document, and access to the values of its tree."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from pacemaker_os.cib.table import Children
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null

#: Prefix of a name in a constraint that means the resource itself, not its clone. Ids contain no colons.
INNER = "primitive:"

#: Returns the children that a row of the model's table describes, decoded from a node of the tree.
Decoder = Callable[[Children, Node, "Reader"], Any]


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A parameter of a resource whose value is a secret; the CIB contains only a mark."""

    resource: str
    parameter: str
    secret: str


@dataclass(slots=True)
class Reader:
    """The state of decoding one document."""

    problems: Problems
    #: The decoder of each form.
    decoders: Map[str, Decoder]
    #: The id of the clone, by the name of the cloned primitive or group.
    clones: dict[str, str] = field(default_factory=dict)
    #: The ids of all top-level resources except fencing devices; a clone stands for its child.
    services: list[str] = field(default_factory=list)
    secrets: list[SecretUse] = field(default_factory=list)

    def problem(self, node: Node, message: str, code: str) -> None:
        """Add a problem at the position of `node`."""
        self.problems.add(node.origin, message, code)

    def text(self, node: Node, what: str) -> str | None:
        """Return the text of a scalar, None after adding a problem; `what` names the value in messages."""
        if isinstance(node, Scalar) and node.secret:
            message = f"{what} cannot be a secret; Pacemaker supports secrets only in `params` of primitives"
            self.problem(node, message, "secret-not-supported")
        elif isinstance(node, Scalar) and node.text is not None:
            return node.text
        else:
            self.problem(node, f"{what} must be a string, not {describe_node(node)}", "wrong-type")
        return None

    def name(self, node: Node, what: str) -> str | None:
        """Return the text of a scalar that is not empty, None after adding a problem."""
        text = self.text(node, what)
        if text == "":
            self.problem(node, f"{what} cannot be empty", "empty-name")
        return text or None

    def mapping(self, node: Node, what: str) -> Mapping:
        """Return a mapping; an empty one after adding a problem if `node` is another value than null."""
        if isinstance(node, Mapping):
            return node
        if not is_null(node):
            self.problem(node, f"{what} must be a mapping, not {describe_node(node)}", "wrong-type")
        return Mapping((), node.origin)

    def sequence(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list; none after adding a problem if `node` is another value than null."""
        if isinstance(node, Sequence):
            return node.items
        if not is_null(node):
            self.problem(node, f"{what} must be a list, not {describe_node(node)}", "wrong-type")
        return ()

    def resource(self, name: str) -> str:
        """Return the id that `name` means in a constraint: the clone of a cloned resource."""
        if name.startswith(INNER):
            return name.removeprefix(INNER)
        return self.clones.get(name, name)
