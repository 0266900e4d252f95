"""The operation that Pacemaker requests, read from the environment (OCF 1.1, "Parameters")."""

from __future__ import annotations

import os

from pacemaker_os.ocf.codes import ARGS, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OCF_RESKEY_"
META = "CRM_meta_"
NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-")

#: Role names before Pacemaker 2.1.
OLD_ROLES = {"promoted": "master", "unpromoted": "slave"}


def milliseconds(text: str, default: float) -> float:
    """Return the seconds of a meta attribute in milliseconds, or `default` if it is not a number."""
    return int(text) / 1000 if text.isascii() and text.isdigit() else default


class Operation:
    """One call of an agent: the `action`, the `instance`, its `parameters`, and the timeout.

    `meta` contains the CRM_meta_ variables without their prefix. Times are in seconds.
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
            raise Failure("OCF_RESOURCE_INSTANCE is not a valid resource name", ARGS)

    def timeout(self, default: float) -> float:
        """Return the timeout of the operation, in seconds; `default` if Pacemaker passes none."""
        return milliseconds(self.meta.get("timeout", ""), default) or default

    @property
    def is_probe(self) -> bool:
        """Whether this is a probe: a monitor with interval 0, before anything was started."""
        return self.action in ("monitor", "status") and self.interval == 0

    @property
    def resource(self) -> str:
        """The name of the resource, without the instance number of a clone."""
        return self.instance.split(":")[0]

    @property
    def called_by_pacemaker(self) -> bool:
        """Whether Pacemaker runs the agent, and not a user or a test program without a cluster."""
        return "crm_feature_set" in self.parameters or "on_node" in self.meta

    @property
    def depth(self) -> int:
        """The level of a monitor (OCF_CHECK_LEVEL): 0, 10 or 20 by convention."""
        return int(self.check_level) if self.check_level.isascii() and self.check_level.isdigit() else 0

    @property
    def node(self) -> str:
        """The node that node attributes are set for.

        For a bundle whose attributes belong to the host (container-attribute-target), this is the host.
        Remote nodes have no `crm_node`, so the environment comes first, and the host name of this machine
        last.
        """
        if self.meta.get("container_attribute_target") == "host" and self.meta.get("physical_host"):
            return self.meta["physical_host"]
        return self.meta.get("on_node") or os.uname().nodename

    @property
    def unique_name(self) -> str:
        """A part of a file name that is unique for each instance on a node."""
        return self.instance.replace(":", "_")


class Notification:
    """A notification: `kind` is pre or post, `operation` is start, stop, promote or demote.

    Node names are read from the variables of Pacemaker 2.1 (promoted, unpromoted), with those of older
    versions (master, slave) as a fallback.
    """

    def __init__(self, meta: Mapping[str, str]) -> None:
        self._meta = meta
        self.kind = meta.get("notify_type", "")
        self.operation = meta.get("notify_operation", "")

    @property
    def event(self) -> str:
        """Kind and operation in one, such as `post-promote`."""
        return f"{self.kind}-{self.operation}"

    def nodes(self, role: str) -> frozenset[str]:
        """Return the nodes of the instances in `role`.

        `role` is one of: start, stop, promote, demote, active, inactive, promoted, unpromoted, available.
        """
        text = self._meta.get(f"notify_{role}_uname") or self._meta.get(
            f"notify_{OLD_ROLES.get(role, role)}_uname", ""
        )
        return frozenset(text.split())
