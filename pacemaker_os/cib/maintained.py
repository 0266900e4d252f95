"""Cluster-maintained values: state that Pacemaker and agents write into the configuration.

Like dc-version, such a value is never drift, belongs in no document, and is never removed. `MAINTAINED` lists
them, with the program that writes each and the way it does. Values that an operator sets for an agent to read
are not state: NAME_mysql_master_IP of ocf:heartbeat:mysql, NAME-tunnel-port of ocf:heartbeat:redis.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import NvSet, PropertySet, Utilization
from pacemaker_os.dataclass import dataclass

S = TypeVar("S", bound=NvSet)

PROPERTY, ATTRIBUTE, UTILIZATION, LOCATION, RESOURCE_UTILIZATION = (
    "property",
    "node attribute",
    "node utilization",
    "location",
    "utilization",
)

PACEMAKER = "Pacemaker"


@dataclass(frozen=True, slots=True)
class Maintained:
    """Values of one kind whose names match `pattern`.

    `writer` is the program that writes them, `how` the way it does. A row with `sets` matches all properties
    in the property sets of these ids instead. A row with `agent` applies only if a resource
    has this agent. A row with `parameters` applies to resources for which one of these parameters is true;
    each has its default.
    """

    kind: str
    pattern: str
    writer: str
    how: str
    sets: bool = False
    agent: str = ""
    parameters: tuple[tuple[str, bool], ...] = ()


#: Sources: the agents in ClusterLabs/resource-agents (heartbeat/), SUSE/SAPHanaSR (ra/, srHook/),
#: LINBIT/drbd-utils (scripts/), and Pacemaker Explained ("Cluster-Wide Configuration", "Node Attributes").
MAINTAINED = (
    *(
        Maintained(PROPERTY, name, PACEMAKER, "written by the DC or by crm_resource --refresh")
        for name in (
            *("dc-version", "cluster-infrastructure", "cluster-name", "have-watchdog", "last-lrm-refresh"),
            "default-resource-stickiness-refresh",
        )
    ),
    # Promotion scores are transient, but crm_master of Pacemaker 1.1 and agents of that time write them
    # permanently unless they pass -l reboot.
    Maintained(ATTRIBUTE, "master-*", PACEMAKER, "crm_master, crm_attribute --promotion"),
    Maintained(ATTRIBUTE, "promotion-*", PACEMAKER, "reserved for promotion scores"),
    Maintained(ATTRIBUTE, "fail-count-*", PACEMAKER, "crm_failcount, controller"),
    Maintained(ATTRIBUTE, "last-failure-*", PACEMAKER, "controller"),
    Maintained(ATTRIBUTE, "probe_complete", PACEMAKER, "controller of Pacemaker 1.1"),
    Maintained(ATTRIBUTE, "shutdown", PACEMAKER, "controller"),
    Maintained(ATTRIBUTE, "#digests-*", PACEMAKER, "unfencing"),
    Maintained(ATTRIBUTE, "#node-unfenced", PACEMAKER, "unfencing"),
    Maintained(
        ATTRIBUTE, "nova-evacuation", "ocf:pacemaker-os:nova-evacuate", "crm_attribute --lifetime forever"
    ),
    Maintained(
        PROPERTY, "redis_replication", "ocf:heartbeat:redis", "crm_attribute -t crm_config -s", sets=True
    ),
    Maintained(
        PROPERTY,
        "mysql_replication",
        "ocf:heartbeat:mysql",
        "crm_attribute -t crm_config -s (mysql-common.sh, also mariadb)",
        sets=True,
    ),
    Maintained(
        PROPERTY, "pgsql_replication", "ocf:heartbeat:pgsql", "crm_attribute -t crm_config -s", sets=True
    ),
    Maintained(PROPERTY, "*_REPL_INFO", "ocf:heartbeat:redis, mysql, mariadb, pgsql", "crm_attribute"),
    Maintained(ATTRIBUTE, "rmq-node-attr-*", "ocf:heartbeat:rabbitmq-cluster", "crm_attribute -l forever"),
    Maintained(ATTRIBUTE, "rabbit-master", "ocf:rabbitmq:rabbitmq-server-ha", "crm_attribute"),
    Maintained(ATTRIBUTE, "rabbit-start-time", "ocf:rabbitmq:rabbitmq-server-ha", "crm_attribute"),
    Maintained(ATTRIBUTE, "*-data-status", "ocf:heartbeat:pgsql", "crm_attribute -l forever"),
    *(
        Maintained(ATTRIBUTE, f"*-{name}", "ocf:heartbeat:pgsql", "crm_attribute -l reboot")
        for name in ("master-baseline", "xlog-loc", "receiver-status")
    ),
    *(
        Maintained(ATTRIBUTE, f"*-{name}", "ocf:heartbeat:galera", "crm_attribute -l reboot")
        for name in ("last-committed", "safe-to-bootstrap", "no-grastate", "sync-needed")
    ),
    Maintained(ATTRIBUTE, "db2hadr_*_fal", "ocf:heartbeat:db2", "crm_attribute -l forever"),
    Maintained(
        PROPERTY, "SAPHanaSR*", "ocf:suse:SAPHanaController", "crm_attribute -t crm_config -s", sets=True
    ),
    Maintained(PROPERTY, "hana_*", "ocf:suse:SAPHanaController", "crm_attribute -t crm_config"),
    Maintained(ATTRIBUTE, "hana_*", "ocf:suse:SAPHanaTopology", "crm_attribute -l forever"),
    Maintained(PROPERTY, "lpa_*", "ocf:suse:SAPHanaController", "crm_attribute -t crm_config"),
    Maintained(ATTRIBUTE, "lpa_*", "ocf:suse:SAPHanaController", "crm_attribute -l forever"),
    Maintained(ATTRIBUTE, "runs_ers_*", "ocf:heartbeat:SAPInstance", "crm_attribute -l reboot"),
    *(
        Maintained(kind, pattern, "ocf:heartbeat:azure-events", "crm_attribute")
        for kind in (PROPERTY, ATTRIBUTE)
        for pattern in ("azure-events_*", "azure-events-az_*")
    ),
    Maintained(ATTRIBUTE, "#health-azure", "ocf:heartbeat:azure-events-az", "crm_attribute"),
    Maintained(
        LOCATION, "drbd-fence-by-handler-*", "DRBD", "cibadmin of the handler crm-fence-peer.sh, until resync"
    ),
    *(
        Maintained(
            UTILIZATION,
            name,
            "ocf:heartbeat:NodeUtilization",
            "crm_attribute -t nodes -z",
            agent="ocf:heartbeat:NodeUtilization",
        )
        for name in ("cpu", "host_memory", "hv_memory")
    ),
    *(
        Maintained(
            RESOURCE_UTILIZATION,
            name,
            f"ocf:heartbeat:{agent}",
            "crm_resource -z, in each monitor",
            agent=f"ocf:heartbeat:{agent}",
            parameters=((f"autoset_utilization_{name}", default), (f"unset_utilization_{name}", False)),
        )
        for agent, default, names in (
            ("VirtualDomain", True, ("cpu", "host_memory", "hv_memory")),
            ("Xen", False, ("cpu", "hv_memory")),
        )
        for name in names
    ),
)


@lru_cache(maxsize=4096)
def maintained(kind: str, name: str, set_id: str = "", agents: frozenset[str] = frozenset()) -> str:
    """Return the program that maintains a value, or an empty text if a document can own it.

    `set_id` is the id of the set of a property, `agents` are the agents of the configured resources.
    """
    for row in MAINTAINED:
        text = set_id if row.sets else name
        if row.kind == kind and _matches(text, row.pattern) and (not row.agent or row.agent in agents):
            return row.writer
    return ""


def _matches(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern. Only few have the beginning of one, whose rest is compiled."""
    return text.startswith(pattern.partition("*")[0]) and fnmatchcase(text, pattern)


def writing_agents(resources: Iterable[Element]) -> frozenset[str]:
    """Return the agents of resources, and of those inside them, that rows of the table require."""
    return frozenset(_agents(resources)) & _REQUIRED


def _agents(resources: Iterable[Element]) -> Iterator[str]:
    for resource in resources:
        yield str(getattr(resource, "agent", None))
        yield from _agents(getattr(resource, "members", ()))
        inside = (getattr(resource, "child", None), getattr(resource, "primitive", None))
        yield from _agents(each for each in inside if each is not None)


def kind_of(nvset: NvSet) -> str:
    """Return the kind of the values in a property set or in a set of a node."""
    if isinstance(nvset, PropertySet):
        return PROPERTY
    return UTILIZATION if isinstance(nvset, Utilization) else ATTRIBUTE


def without_maintained(sets: Iterable[S], agents: Collection[str] = ()) -> tuple[S, ...]:
    """Return sets without cluster-maintained pairs, and without the sets that this empties."""
    remaining = []
    for nvset in sets:
        kind, known = kind_of(nvset), frozenset(agents)
        pairs = tuple(
            pair for pair in nvset.nvpairs if not maintained(kind, pair.name or "", nvset.id or "", known)
        )
        if len(pairs) == len(nvset.nvpairs):
            remaining.append(nvset)
        elif pairs:
            remaining.append(replace(nvset, nvpairs=pairs))
    return tuple(remaining)


_REQUIRED = frozenset(row.agent for row in MAINTAINED if row.agent and not row.parameters)
