"""What an agent asks of Pacemaker: node attributes, the promotion score, who is there.

Transient attributes (the default) are forgotten when their node leaves; permanent ones stay in the CIB.
Every question is one of Pacemaker's own programs, and all of them work on remote nodes and in bundles.
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

#: crm_exit_t CRM_EX_NOSUCH: there is no such attribute.
NO_SUCH = 105
#: attrd_updater of an attribute that nobody has set: that, CRM_EX_CONFIG (3.0), ENXIO (before 2.1.3).
UNSET = (NO_SUCH, 78, 6)
#: crm_exit_t CRM_EX_DISCONNECT: there is no Pacemaker to ask.
DISCONNECTED = 102


class Node:
    """A node as the cluster sees it now; `full` is one that runs corosync, no remote or guest node."""

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
    """The cluster, as `node` runs the agent for `resource`. `ask` runs a command and returns its Result.

    With `optional`, a machine without a running Pacemaker is a cluster of one that remembers nothing:
    so a person, and ocf-tester, can run an agent by hand. Pacemaker itself never asks in that way, and
    then silence is a failure: deciding without knowing the others can lose data.
    """

    def __init__(
        self,
        node: str,
        resource: str,
        ask: Callable[[Sequence[str]], Result],
        *,
        optional: bool = False,
    ) -> None:
        self.node, self.resource, self._ask, self._optional = node, resource, ask, optional

    def _do(self, *argv: str) -> str:
        result = self._ask(argv)
        nothing = (*UNSET, *((DISCONNECTED,) if self._optional else ()))
        if result.status and result.status not in nothing:
            raise Failure(f"Pacemaker does not answer: {argv[0].rpartition('/')[2]}: {result.error_line}")
        return result.stdout if not result.status else ""

    def attributes(self, name: str) -> dict[str, str]:
        """The values of a transient attribute on every node that has one."""
        found = {}
        for line in self._do(ATTRD_UPDATER, "-Q", "-A", "-n", name).splitlines():
            # name="NAME" host="NODE" value="VALUE"
            parts = line.split('"')
            if len(parts) >= 7 and parts[2].strip() == "host=" and parts[4].strip() == "value=" and parts[5]:
                found[parts[3]] = parts[5]
        return found

    def publish(self, name: str, value: str, *, node: str = "") -> None:
        """Set a transient attribute, of this node unless another is named. The same value costs nothing."""
        self._do(ATTRD_UPDATER, "-n", name, "-U", value, "-N", node or self.node)

    def publish_private(self, name: str, value: str) -> None:
        """Set a transient attribute that is never written to the CIB: for what changes at every look."""
        self._do(ATTRD_UPDATER, "-n", name, "-U", value, "-N", self.node, "-p")

    def withdraw(self, name: str, *, node: str = "") -> None:
        """Delete a transient attribute, if there is one."""
        self._do(ATTRD_UPDATER, "-n", name, "-D", "-N", node or self.node)

    def permanent(self, name: str) -> str:
        """The value of a permanent attribute of this node; empty when there is none."""
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
        """Say how much this node is to be preferred for the Promoted role; below 0 is never."""
        self.publish(self.score_name, str(score))

    def clear_promotion_score(self) -> None:
        """Say that this node is no candidate for the Promoted role."""
        self.withdraw(self.score_name)

    def nodes(self) -> dict[str, Node]:
        """Every node, remote ones too."""
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
