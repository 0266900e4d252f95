"""Obstacles in the settings of the cluster and of the resource."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, has_fencing_device
from pacemaker_os.cib.values import boolean, role
from pacemaker_os.plan.prediction.obstacles.obstacle import Edit, Obstacle, remove, set_property
from pacemaker_os.plan.prediction.obstacles.subject import PROMOTED, Subject

#: Meta attributes of clones that allow no instance, or no promoted one.
_NO_INSTANCE = ("clone-max", "clone-node-max")
_NONE_PROMOTED = ("promoted-max", "promoted-node-max", "master-max", "master-node-max")


def cluster_settings(subject: Subject) -> Iterator[Obstacle]:
    """Yield the properties that stop all resources, and missing quorum and fencing."""
    options, cib = subject.around.options, subject.around.cib
    if boolean(options.get("stop-all-resources", "")):
        yield Obstacle(
            key="property:stop-all-resources",
            text="the property stop-all-resources is true",
            edit=lambda cib: set_property(cib, "stop-all-resources", "false"),
            advice="to start the resources, run:",
            command=("crm_attribute", "--name", "stop-all-resources", "--delete"),
        )
    if cib.get("have-quorum") == "0" and options.get("no-quorum-policy", "stop") != "ignore":
        yield Obstacle(
            key="quorum",
            text="the cluster has no quorum",
            edit=lambda cib: cib.set("have-quorum", "1"),
            advice="to see the votes, run:",
            command=("corosync-quorumtool", "-s"),
        )
    if fencing_is_on(cib) and not has_fencing_device(cib):
        yield Obstacle(
            key="fencing",
            text="fencing is enabled but no device is configured",
            edit=lambda cib: set_property(cib, "stonith-enabled", "false"),
            advice="add a fencing device to the document",
        )


def resource_settings(subject: Subject) -> Iterator[Obstacle]:
    """Yield the meta attributes that stop the resource or keep it from being managed."""
    for element in subject.elements:
        name = str(element.get("id"))
        for pair in element.iterfind("meta_attributes/nvpair"):
            if _prevents(str(pair.get("name")), str(pair.get("value", "")), subject.role):
                yield _of_meta(name, pair)
    for pair in subject.around.configuration.iterfind("rsc_defaults/meta_attributes/nvpair"):
        if _prevents(str(pair.get("name")), str(pair.get("value", "")), subject.role):
            yield Obstacle(
                key=f"default:{pair.get('id')}",
                text=f"{pair.get('name')} is {pair.get('value')} in the resource defaults",
                edit=_without_pair(str(pair.get("id"))),
                objects=(str(pair.get("id")),),
                advice="to remove it, run:",
                command=(
                    "crm_attribute",
                    "--type",
                    "rsc_defaults",
                    "--name",
                    str(pair.get("name")),
                    "--delete",
                ),
            )
    if boolean(subject.around.options.get("maintenance-mode", "")):
        yield Obstacle(
            key="property:maintenance-mode",
            text="the cluster is in maintenance mode",
            edit=lambda cib: set_property(cib, "maintenance-mode", "false"),
            advice="to end it, run:",
            command=("crm_attribute", "--name", "maintenance-mode", "--delete"),
        )


def _prevents(name: str, value: str, wanted: str) -> bool:
    """Return whether a meta attribute keeps a resource from running, or from being promoted."""
    if name == "target-role":
        return role(value) == "Stopped" or (wanted == PROMOTED and role(value) == "Unpromoted")
    if name in _NO_INSTANCE or (wanted == PROMOTED and name in _NONE_PROMOTED):
        return value == "0"
    if name == "is-managed":
        return boolean(value) is False
    return name == "maintenance" and boolean(value) is True


def _of_meta(resource: str, pair: etree._Element) -> Obstacle:
    name = str(pair.get("name"))
    return Obstacle(
        key=f"meta:{pair.get('id')}",
        text=f"{name} of {resource} is {pair.get('value')}",
        edit=_without_pair(str(pair.get("id"))),
        objects=(resource,),
        advice="to remove it, run:",
        command=("crm_resource", "--resource", resource, "--meta", "--delete-parameter", name),
    )


def _without_pair(identifier: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        remove(each for each in cib.iterfind("configuration//nvpair") if each.get("id") == identifier)

    return edit
