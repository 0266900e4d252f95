"""What a broker's data folder tells while the broker is stopped. The one module that knows Mnesia's files.

With Khepri (RabbitMQ 4, when enabled) there is no record of who ran last, and none is needed: its Raft
log cannot be read by a minority. `last` is empty then.
"""

from __future__ import annotations

from pacemaker_os.ocf import files

#: Kept beside the data: this node booted alone in order to join others, and never did.
UNJOINED = ".pacemaker-os-unjoined"


#: What separates the words of an Erlang term; an atom is quoted only where it has special characters.
SEPARATORS = str.maketrans("[]{},'\n", "       ")


def brokers(term: str) -> list[str]:
    """The broker names in an Erlang term: `{['rabbit@a-1',rabbit@b],[rabbit@b]}.`."""
    return sorted({word for word in term.translate(SEPARATORS).split() if "@" in word})


class Store:
    """The data folder of the broker `name` below `base`."""

    def __init__(self, base: str, name: str) -> None:
        self.base, self.name = base, name
        self.folder = f"{base}/{name}"

    @property
    def has_data(self) -> bool:
        """Whether the node ever was a broker that others could know, or that holds anything."""
        there = files.is_file(f"{self.folder}/schema.DAT") or files.is_directory(
            f"{self.folder}/coordination"
        )
        return there and not files.is_file(self.unjoined)

    @property
    def unjoined(self) -> str:
        """The mark of a node that booted alone in order to join."""
        return f"{self.base}/{UNJOINED}-{self.name}"

    def members(self) -> list[str]:
        """The brokers that this one believes to be in its cluster, itself included."""
        text = files.read(f"{self.folder}/cluster_nodes.config") or ""
        return brokers(text)

    def last(self) -> list[str]:
        """The brokers that ran when this one stopped: those must be there again before it can serve."""
        return brokers(files.read(f"{self.folder}/nodes_running_at_shutdown") or "")
