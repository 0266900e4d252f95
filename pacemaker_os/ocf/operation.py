"""What Pacemaker asks: one operation on one instance, read from the environment (OCF 1.1, "Parameters")."""

from __future__ import annotations

import os

from pacemaker_os.ocf.codes import ARGS, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OCF_RESKEY_"
META = "CRM_meta_"
NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-")

#: The words of nodes older than Pacemaker 2.1.
OLD_ROLES = {"promoted": "master", "unpromoted": "slave"}


def milliseconds(text: str, default: float) -> float:
    """Seconds that a meta attribute in milliseconds says, or `default` when it says nothing usable."""
    return int(text) / 1000 if text.isascii() and text.isdigit() else default


class Operation:
    """One call: which `action`, on which `instance`, with which `parameters`, and how long it may take.

    `meta` holds the CRM_meta_ variables without their prefix. Times are in seconds.
    """

    def __init__(self, action: str, environ: Mapping[str, str]) -> None:
        self.action = action
        self.parameters: dict[str, str] = {}
        self.meta: dict[str, str] = {}
        for key, value in environ.items():
            name = key.removeprefix(PREFIX)
            if name is key or name == key:
                continue
            if name.startswith(META):
                self.meta[name.removeprefix(META)] = value
            else:
                self.parameters[name] = value
        self.instance = environ.get("OCF_RESOURCE_INSTANCE", "default")
        self.check_level = environ.get("OCF_CHECK_LEVEL", "0")
        self.reason_prefix = environ.get("OCF_EXIT_REASON_PREFIX") or "ocf-exit-reason:"
        self.state_directory = environ.get("HA_RSCTMP") or "/run/resource-agents"
        self.interval = milliseconds(self.meta.get("interval", ""), 0.0)
        if not set(self.instance) <= NAME_CHARACTERS or not self.instance.strip("."):
            raise Failure("OCF_RESOURCE_INSTANCE is no name of a resource", ARGS)

    def timeout(self, default: float) -> float:
        """Seconds that Pacemaker waits for the answer; `default` when it does not say."""
        return milliseconds(self.meta.get("timeout", ""), default) or default

    @property
    def is_probe(self) -> bool:
        """A monitor that asks whether the service runs before anything was started (interval 0)."""
        return self.action in ("monitor", "status") and self.interval == 0

    @property
    def resource(self) -> str:
        """The resource's name without the number of a clone's instance."""
        return self.instance.split(":")[0]

    @property
    def called_by_pacemaker(self) -> bool:
        """Whether Pacemaker asks, and not a person or a test program with no cluster behind it."""
        return "crm_feature_set" in self.parameters or "on_node" in self.meta

    @property
    def depth(self) -> int:
        """How deep a monitor looks: 0, 10 or 20 by custom."""
        return int(self.check_level) if self.check_level.isascii() and self.check_level.isdigit() else 0

    @property
    def node(self) -> str:
        """The node whose attributes are meant.

        For a service in a bundle's container whose attributes belong to the host
        (container-attribute-target), that is the host. Remote nodes have no `crm_node`, so the
        environment is asked first; the machine's own name is the last resort.
        """
        if self.meta.get("container_attribute_target") == "host" and self.meta.get("physical_host"):
            return self.meta["physical_host"]
        return self.meta.get("on_node") or os.uname().nodename

    @property
    def unique_name(self) -> str:
        """A word for file names: different for every instance on a node."""
        return self.instance.replace(":", "_")


class Notification:
    """What a notify action tells: `kind` pre or post, `operation` start, stop, promote or demote.

    Node names are read from the variables of Pacemaker 2.1 (promoted, unpromoted), and from the older
    ones (master, slave) where a node is older.
    """

    def __init__(self, meta: Mapping[str, str]) -> None:
        self._meta = meta
        self.kind = meta.get("notify_type", "")
        self.operation = meta.get("notify_operation", "")

    @property
    def event(self) -> str:
        """Both words: `post-promote`."""
        return f"{self.kind}-{self.operation}"

    def nodes(self, role: str) -> frozenset[str]:
        """Node names of the instances in `role`.

        One of: start, stop, promote, demote, active, inactive, promoted, unpromoted, available.
        """
        text = self._meta.get(f"notify_{role}_uname") or self._meta.get(
            f"notify_{OLD_ROLES.get(role, role)}_uname", ""
        )
        return frozenset(text.split())
