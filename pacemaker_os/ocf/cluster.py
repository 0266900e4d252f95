"""The parts of Pacemaker that agents use: node attributes, the promotion score, the list of nodes.

Transient attributes (the default) are cleared when their node leaves the cluster; permanent ones stay in the
CIB. All access goes through Pacemaker's own programs, which also work on remote nodes and in bundles.
"""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacemaker_os.ocf.command import Result

ATTRD_UPDATER = "/usr/sbin/attrd_updater"
CRM_ATTRIBUTE = "/usr/sbin/crm_attribute"
CRM_MON = "/usr/sbin/crm_mon"

#: crm_exit_t CRM_EX_NOSUCH: the attribute does not exist.
NO_SUCH = 105
#: Exit statuses of attrd_updater for an unset attribute: the above, CRM_EX_CONFIG (3.0), ENXIO (before
#: 2.1.3).
UNSET = (NO_SUCH, 78, 6)
#: crm_exit_t CRM_EX_DISCONNECT: Pacemaker is not running.
DISCONNECTED = 102


class Node:
    """The state of a node. `full` is true for cluster nodes and false for remote and guest nodes."""

    __slots__ = ("clean", "full", "maintenance", "name", "online", "standby")

    def __init__(
        self,
        name: str,
        *,
        online: bool = True,
        clean: bool = True,
        maintenance: bool = False,
        standby: bool = False,
        full: bool = True,
    ) -> None:
        self.name, self.online, self.clean = name, online, clean
        self.maintenance, self.standby, self.full = maintenance, standby, full


class Cluster:
    """The cluster as seen by the agent of `resource` on `node`. `run` runs a command and returns its Result.

    With `optional`, a host without a running Pacemaker counts as a single-node cluster without attributes, so
    that an administrator or ocf-tester can run an agent manually. If Pacemaker itself runs the agent, an
    unanswered query is a failure: a decision without the other nodes' reports can lose data.
    """

    def __init__(
        self,
        node: str,
        resource: str,
        run: Callable[[Sequence[str]], Result],
        *,
        optional: bool = False,
    ) -> None:
        self.node, self.resource, self._run, self._optional = node, resource, run, optional

    def _do(self, *argv: str) -> str:
        result = self._run(argv)
        nothing = (*UNSET, *((DISCONNECTED,) if self._optional else ()))
        if result.status and result.status not in nothing:
            raise Failure(f"Pacemaker command {argv[0].rpartition('/')[2]} failed: {result.error_line}")
        return result.stdout if not result.status else ""

    def attributes(self, name: str) -> dict[str, str]:
        """Return the values of a transient attribute by node."""
        found = {}
        for line in self._do(ATTRD_UPDATER, "-Q", "-A", "-n", name).splitlines():
            # name="NAME" host="NODE" value="VALUE"
            parts = line.split('"')
            if len(parts) >= 7 and parts[2].strip() == "host=" and parts[4].strip() == "value=" and parts[5]:
                found[parts[3]] = parts[5]
        return found

    def publish(self, name: str, value: str, *, node: str = "") -> None:
        """Set a transient attribute of this node or of `node`. Setting the same value again is free."""
        self._do(ATTRD_UPDATER, "-n", name, "-U", value, "-N", node or self.node)

    def publish_private(self, name: str, value: str) -> None:
        """Set a private attribute, which is never written to the CIB. Use it for values that change often."""
        self._do(ATTRD_UPDATER, "-n", name, "-U", value, "-N", self.node, "-p")

    def withdraw(self, name: str, *, node: str = "") -> None:
        """Delete a transient attribute if it exists."""
        self._do(ATTRD_UPDATER, "-n", name, "-D", "-N", node or self.node)

    def permanent(self, name: str) -> str:
        """Return the value of a permanent attribute of this node, or an empty string."""
        argv = [CRM_ATTRIBUTE, "-N", self.node, "-l", "forever", "-n", name, "-G", "-q", "-d", ""]
        return self._do(*argv).strip()

    def set_permanent(self, name: str, value: str) -> None:
        """Set a permanent attribute of this node."""
        self._do(CRM_ATTRIBUTE, "-N", self.node, "-l", "forever", "-n", name, "-v", value)

    @property
    def score_name(self) -> str:
        """The attribute that Pacemaker reads the promotion score from."""
        return f"master-{self.resource}"

    def set_promotion_score(self, score: int) -> None:
        """Set the promotion score of this node. A node with a negative score is never promoted."""
        self.publish(self.score_name, str(score))

    def clear_promotion_score(self) -> None:
        """Remove the promotion score: this node cannot be promoted."""
        self.withdraw(self.score_name)

    def nodes(self) -> dict[str, Node]:
        """Return all nodes by name, including remote nodes."""
        from xml.etree import ElementTree

        text = self._do(CRM_MON, "-1", "--output-as=xml", "--include=none,nodes")
        found: dict[str, Node] = {}
        if not text:
            return found
        for element in ElementTree.fromstring(text).iterfind("./nodes/node"):  # noqa: S314  # our own crm_mon
            name = element.get("name", "")
            found[name] = Node(
                name,
                online=element.get("online") == "true",
                clean=element.get("unclean") != "true",
                maintenance=element.get("maintenance") == "true",
                standby="true" in (element.get("standby"), element.get("standby_onfail")),
                full=element.get("type", "member") == "member",
            )
        return found
