"""Schema upgrades, computed on a copy and written like any other planned change.

`cibadmin --upgrade` is not used on the cluster itself, because it overwrites concurrent changes and raises
admin_epoch.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from pacemaker_os.cib import Cib, Origin
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.relaxng.features import features_after
from pacemaker_os.cib.schema import version, with_roles_of
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.changed_objects import changed_objects
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.store.cibadmin import rejected
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.errors import ClusterError, InputError, Problem
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade


def upgraded(
    cluster: Cluster, cib: etree._Element, desired: str | None = None
) -> tuple[etree._Element, SchemaUpgrade | None]:
    """Return the `<cib>` under the desired schema, by default the newest that the cluster supports.

    Nothing is written. The upgrade is None when the CIB already has that schema or a newer one. Raises
    ClusterError when Pacemaker cannot upgrade this configuration to the desired schema.
    """
    now = str(cib.get("validate-with"))
    old, new = version(now), version(desired)
    if desired and (old is None or new is None):
        message = f"'{desired if new is None else now}' is not a numbered schema such as pacemaker-3.9"
        raise ClusterError(message, code="schema-upgrade")
    if old and new and new <= old:
        return cib, None
    # Within a major version, schemas only add elements. Between major versions, Pacemaker transforms the CIB.
    target = _named(cib, str(desired)) if old and new and new[0] == old[0] else _transformed(cluster, cib)
    reached = str(target.get("validate-with"))
    if desired not in (None, reached):
        message = f"cannot upgrade the schema to {desired}: this Pacemaker upgrades {now} to {reached}"
        raise ClusterError(f"{message}; name {reached} in the document, or no schema", code="schema-upgrade")
    if reached == now:
        return cib, None
    return target, SchemaUpgrade(now, reached, tuple(changed_objects(cib, target)))


def in_schema(desired: Cib, schema: str | None) -> Cib:
    """Return the desired configuration with names of roles that `schema` accepts.

    Raises InputError when the configuration uses features that `schema` does not have.
    """
    number = version(schema)
    if number is None:
        return desired
    problems = []
    for feature in features_after(number, desired.objects()):
        origin = feature.element.origin or Origin("document", 1, 1)
        message = (
            f"{feature.name} requires schema {feature.schema}, and the cluster has {schema}; "
            "to upgrade the schema of the cluster, use --upgrade-schema"
        )
        problems.append(Problem(origin.file, origin.line, origin.column, message, "schema"))
    if problems:
        raise InputError(problems)
    return with_roles_of(schema, desired)


def _named(cib: etree._Element, schema: str) -> etree._Element:
    copy = deepcopy(cib)
    copy.set("validate-with", schema)
    return copy


def _transformed(cluster: Cluster, cib: etree._Element) -> etree._Element:
    """Return the result of Pacemaker's upgrade of a copy."""
    with scratch(cluster.transport) as directory:
        path = f"{directory}/cib.xml"
        cluster.transport.put(etree.tostring(cib), path, mode=0o600, owner=":")
        done = cluster.transport.run(["cibadmin", "--upgrade", "--force"], env=only_this_file(path), ok=())
        if done.status:
            raise rejected(done)
        after = parse_cib(cluster.transport.get(path), file=path)
    return _named(
        content.with_configuration(cib, content.configuration(after)), str(after.get("validate-with"))
    )
