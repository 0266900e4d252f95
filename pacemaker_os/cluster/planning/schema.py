"""A newer schema for a configuration: worked out on a copy, and written like any other planned change.

`cibadmin --upgrade` on the cluster itself is not used: nothing guards it, and it raises admin_epoch.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.schema import version
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.objects import changed_objects
from pacemaker_os.cib.tree.parse import parse_cib
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.store.cibadmin import rejected
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade


def upgraded(
    cluster: Cluster, cib: etree._Element, wanted: str | None = None
) -> tuple[etree._Element, SchemaUpgrade | None]:
    """The `<cib>` under the schema `wanted`, by default the newest that the cluster's Pacemaker knows.

    Nothing is written. Returns None for the upgrade when the CIB has that schema or a newer one already.
    Raises ClusterError when Pacemaker cannot say this configuration in the wanted schema.
    """
    now = str(cib.get("validate-with"))
    old, new = version(now), version(wanted)
    if wanted and (old is None or new is None):
        message = f"'{wanted if new is None else now}' is no numbered schema, as pacemaker-3.9 is"
        raise ClusterError(message, code="schema")
    if old and new and new <= old:
        return cib, None
    # Schemas of one generation only add words; between generations Pacemaker has to translate.
    target = _named(cib, str(wanted)) if old and new and new[0] == old[0] else _translated(cluster, cib)
    reached = str(target.get("validate-with"))
    if wanted not in (None, reached):
        message = f"this Pacemaker would take the CIB from {now} to {reached}, not to {wanted}"
        raise ClusterError(f"{message}; say that schema in the document, or none", code="schema")
    if reached == now:
        return cib, None
    return target, SchemaUpgrade(now, reached, tuple(changed_objects(cib, target)))


def _named(cib: etree._Element, schema: str) -> etree._Element:
    copy = deepcopy(cib)
    copy.set("validate-with", schema)
    return copy


def _translated(cluster: Cluster, cib: etree._Element) -> etree._Element:
    """What Pacemaker's own upgrade makes of a copy of the configuration."""
    with scratch(cluster.transport) as folder:
        path = f"{folder}/cib.xml"
        cluster.transport.put(etree.tostring(cib), path, mode=0o600, owner=":")
        done = cluster.transport.run(["cibadmin", "--upgrade", "--force"], env=only_this_file(path), ok=())
        if done.status:
            raise rejected(done)
        after = parse_cib(cluster.transport.get(path), file=path)
    return _named(
        content.with_configuration(cib, content.configuration(after)), str(after.get("validate-with"))
    )
