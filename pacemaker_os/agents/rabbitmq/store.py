"""The data directory of a stopped broker. This is the only module that knows Mnesia's files.

With Khepri (RabbitMQ 4, if enabled) nothing records which brokers ran last, and nothing needs to: a minority
cannot read its Raft log. `last` is empty then.
"""

from __future__ import annotations

from pacemaker_os.ocf import files

#: Marker next to the data: this node booted alone to join other nodes, but has not joined yet.
UNJOINED = ".pacemaker-os-unjoined"

#: Marker next to the data: this node formed the cluster, but its policy is not set yet.
NO_POLICY = ".pacemaker-os-no-policy"


#: Separators in an Erlang term. Atoms are quoted only if they contain special characters.
SEPARATORS = str.maketrans("[]{},'\n", "       ")


def brokers(term: str) -> list[str]:
    """Return the broker names in an Erlang term such as `{['rabbit@a-1',rabbit@b],[rabbit@b]}.`."""
    return sorted({word for word in term.translate(SEPARATORS).split() if "@" in word})


class Store:
    """The data directory of the broker `name` below `base`."""

    def __init__(self, base: str, name: str) -> None:
        self.base, self.name = base, name
        self.directory = f"{base}/{name}"

    @property
    def has_data(self) -> bool:
        """Whether the node was a broker that others may know, or that has any content."""
        exists = files.is_file(f"{self.directory}/schema.DAT") or files.is_directory(
            f"{self.directory}/coordination"
        )
        return exists and not files.is_file(self.unjoined)

    @property
    def unjoined(self) -> str:
        """The marker of a node that booted alone to join other nodes."""
        return f"{self.base}/{UNJOINED}-{self.name}"

    @property
    def no_policy(self) -> str:
        """The marker of a node that formed a cluster whose policy is not set yet."""
        return f"{self.base}/{NO_POLICY}-{self.name}"

    def members(self) -> list[str]:
        """Return the brokers that this one has recorded as cluster members, including itself."""
        text = files.read(f"{self.directory}/cluster_nodes.config") or ""
        return brokers(text)

    def last(self) -> list[str]:
        """Return the brokers that were running when this one stopped. They must run before it can serve."""
        return brokers(files.read(f"{self.directory}/nodes_running_at_shutdown") or "")
