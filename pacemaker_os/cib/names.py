"""Names of properties, meta attributes and operation options: types of their values and former names.

Source: Pacemaker's include/crm/common/options.h and Pacemaker Explained ("Cluster-Wide Configuration",
"Resource Meta-Attributes", "Operation Properties"), up to 3.0.2, which renamed stonith-* to fencing-*.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import field

from pacemaker_os.cib.values import (
    BOOLEAN,
    BOOLEAN_OR_TIME,
    COUNT,
    DURATION,
    HEALTH,
    INTEGER,
    OPTION_SCORE,
    ROLE,
    SIGNED_TIMEOUT,
    TEXT,
    TIMEOUT,
    Kind,
    one_of,
)
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that Pacemaker knows in a kind of set.

    `renamed` maps former to current names. `prefixes` has the kinds of all names with a prefix.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, Kind] = field(default_factory=dict)

    def kind(self, name: str) -> Kind | None:
        """Return the kind of the values of a name; None if Pacemaker does not read them."""
        known = self.kinds.get(self.current(name))
        by_prefix = (kind for prefix, kind in self.prefixes.items() if name.startswith(prefix))
        return known or next(by_prefix, None)

    def current(self, name: str) -> str:
        """Return the current name of `name`."""
        return self.renamed.get(name, name)

    def normal(self, name: str, value: str) -> Hashable:
        """Return the meaning of `value` for the current name `name`."""
        return (self.kind(name) or TEXT).normal(value)


NO_NAMES = KnownNames()

PROPERTIES = KnownNames(
    kinds={
        **dict.fromkeys(
            (
                "symmetric-cluster",
                "maintenance-mode",
                "start-failure-is-fatal",
                "enable-startup-probes",
                "enable-acl",
                "stop-all-resources",
                "stop-orphan-resources",
                "stop-orphan-actions",
                "stop-removed-resources",
                "stop-removed-actions",
                "remove-after-stop",
                "fencing-enabled",
                "startup-fencing",
                "concurrent-fencing",
                "have-watchdog",
                "shutdown-lock",
            ),
            BOOLEAN,
        ),
        **dict.fromkeys(
            (
                "cluster-recheck-interval",
                "dc-deadtime",
                "election-timeout",
                "fencing-timeout",
                "cluster-delay",
                "join-finalization-timeout",
                "join-integration-timeout",
                "shutdown-escalation",
                "shutdown-lock-limit",
                "transition-delay",
                "priority-fencing-delay",
                "node-pending-timeout",
                "load-threshold-interval",
            ),
            DURATION,
        ),
        **dict.fromkeys(
            (
                "batch-limit",
                "migration-limit",
                "cluster-ipc-limit",
                "node-action-limit",
                "fencing-max-attempts",
                "pe-error-series-max",
                "pe-warn-series-max",
                "pe-input-series-max",
            ),
            COUNT,
        ),
        "fencing-watchdog-timeout": SIGNED_TIMEOUT,
        **dict.fromkeys(
            ("node-health-base", "node-health-green", "node-health-yellow", "node-health-red"), COUNT
        ),
        "no-quorum-policy": one_of("stop", "freeze", "ignore", "demote", "suicide", "fence", any_case=True),
        "fencing-action": one_of("reboot", "off", "poweroff"),
        "fencing-reaction": one_of("stop", "panic", any_case=True),
        "placement-strategy": one_of("default", "utilization", "minimal", "balanced", any_case=True),
        "node-health-strategy": one_of(
            "none", "migrate-on-red", "only-green", "progressive", "custom", any_case=True
        ),
    },
    renamed={
        "stonith-enabled": "fencing-enabled",
        "stonith-action": "fencing-action",
        "stonith-timeout": "fencing-timeout",
        "stonith-max-attempts": "fencing-max-attempts",
        "stonith-watchdog-timeout": "fencing-watchdog-timeout",
        "fence-reaction": "fencing-reaction",
    },
)

META = KnownNames(
    kinds={
        **dict.fromkeys(
            (
                "is-managed",
                "maintenance",
                "critical",
                "allow-unhealthy-nodes",
                "allow-migrate",
                "interleave",
                "notify",
                "ordered",
                "globally-unique",
                "promotable",
                "remote-allow-migrate",
            ),
            BOOLEAN,
        ),
        "failure-timeout": DURATION,
        "remote-connect-timeout": TIMEOUT,
        **dict.fromkeys(
            ("clone-max", "clone-node-max", "clone-min", "promoted-max", "promoted-node-max", "remote-port"),
            INTEGER,
        ),
        **dict.fromkeys(("priority", "resource-stickiness", "migration-threshold"), OPTION_SCORE),
        "target-role": ROLE,
        "multiple-active": one_of("block", "stop_only", "stop_start", "stop_unexpected", any_case=True),
        "requires": one_of("nothing", "quorum", "fencing", "unfencing", any_case=True),
    },
    renamed={"master-max": "promoted-max", "master-node-max": "promoted-node-max"},
)

OPERATION_OPTIONS = KnownNames(
    kinds={
        "timeout": TIMEOUT,
        "interval": DURATION,
        "start-delay": TIMEOUT,
        "enabled": BOOLEAN,
        "record-pending": BOOLEAN,
        "role": ROLE,
        "on-fail": one_of(
            *("ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container"),
            any_case=True,
        ),
    }
)

#: Options of alerts and recipients (Pacemaker Explained, "Alerts").
ALERT_OPTIONS = KnownNames(kinds={"timeout": TIMEOUT, "timestamp-format": TEXT, "enabled": BOOLEAN})

#: Node attributes (Pacemaker Explained, "Special node attributes" and "Node health").
NODE_ATTRIBUTES = KnownNames(
    kinds={
        **dict.fromkeys(("standby", "maintenance", "resource-discovery-enabled"), BOOLEAN),
        "terminate": BOOLEAN_OR_TIME,
    },
    prefixes={"#health": HEALTH},
)
