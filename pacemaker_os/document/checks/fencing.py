"""Check fencing devices and levels."""

from __future__ import annotations

from collections.abc import Container, Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.administration import FencingLevel
from pacemaker_os.cib.constraints import Location
from pacemaker_os.cib.resources import Clone, Primitive, Template
from pacemaker_os.cib.values import INFINITY, integer, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements, origin_of
from pacemaker_os.text import did_you_mean

#: The device that Pacemaker itself provides for self-fencing.
_WATCHDOG = "watchdog"


def check_fencing(cib: Cib, uses: Container[str] = ()) -> Iterator[LintFinding]:
    """Yield devices of levels that are not fencing devices, and settings that fencing devices ignore."""
    primitives = {each.id or "": each for each, _ in all_elements(cib) if isinstance(each, Primitive)}
    templates = {each.id or "": each for each in cib.resources if isinstance(each, Template)}
    devices = {name for name, each in primitives.items() if is_fencing_device(each, templates)}
    yield from _check_levels(cib)
    for level in cib.fencing_levels:
        for name in (level.devices or "").split(",") if level.devices else ():
            if name in devices or name in uses or name == _WATCHDOG:
                continue
            primitive = primitives.get(name)
            if primitive is None:
                remedy = (
                    did_you_mean(name, devices) or "; if another document defines it, list it under `uses`"
                )
                message = f"unknown fencing device '{name}'{remedy}"
                yield LintFinding(origin_of(level), message, "dangling")
            elif primitive.class_ is not None or primitive.template in templates:
                message = f"'{name}' is not a fencing device (an agent of class stonith)"
                yield LintFinding(origin_of(level), message, "no-fencing-device")
    for resource in cib.resources:
        child = resource.child if isinstance(resource, Clone) else None
        if isinstance(child, Primitive) and child.id in devices:
            message = (
                f"fencing device '{child.id}' does not need a clone; "
                "every node can use a device that runs on one node"
            )
            yield LintFinding(origin_of(resource), message, "fencing-clone", is_warning=True)
    yield from _check_discovery(cib, devices)
    for name in devices:
        for nvset in primitives[name].instance_attributes:
            for pair in nvset.nvpairs:
                if pair.name == "action":
                    message = (
                        f"'action' of fencing device '{name}' replaces every action that Pacemaker requests; "
                        "use the property stonith-action, or pcmk_off_action"
                    )
                    origin = pair.origin or origin_of(primitives[name])
                    yield LintFinding(origin, message, "fencing-action", is_warning=True)


def _check_levels(cib: Cib) -> Iterator[LintFinding]:
    """Yield levels without devices, devices that a level names twice, and levels that are declared twice."""
    seen: dict[tuple[str | None, ...], FencingLevel] = {}
    for level in cib.fencing_levels:
        devices = level.devices.split(",") if level.devices else []
        if not devices:
            message = "a fencing level requires at least one device"
            yield LintFinding(origin_of(level), message, "missing-key")
        for name in sorted({each for each in devices if devices.count(each) > 1}):
            message = f"fencing device '{name}' is listed twice in one level"
            yield LintFinding(origin_of(level), message, "conflicting-values", is_warning=True)
        target = level.target.lower() if level.target else None
        number = str(integer(level.index or ""))
        key = (target, level.target_pattern, level.target_attribute, level.target_value, number)
        if key in seen:
            message = (
                f"level {number} of this target is declared twice (first in line "
                f"{origin_of(seen[key]).line}); list all devices in one level"
            )
            yield LintFinding(origin_of(level), message, "conflicting-values")
        seen.setdefault(key, level)


def _check_discovery(cib: Cib, devices: Container[str]) -> Iterator[LintFinding]:
    """Yield what `resource-discovery` of a fencing device does, besides limiting probes.

    The fencer of a node uses a device if its score on the node is not negative (`cib_device_update()`).
    """
    for constraint in cib.constraints:
        if not isinstance(constraint, Location):
            continue
        listed = [reference.id for each in constraint.sets for reference in each.members]
        for name in (constraint.rsc, *listed):
            if name is None or name not in devices:
                continue
            if constraint.resource_discovery == "exclusive":
                message = (
                    f"with discovery 'exclusive', only the nodes of such constraints can use fencing device "
                    f"'{name}'; use 'always' so that every node can"
                )
            elif constraint.resource_discovery == "never" and score(constraint.score or "0") != -INFINITY:
                message = (
                    f"discovery 'never' of fencing device '{name}' only prevents probes: the node can still "
                    "use the device; to prevent that, use score -INFINITY"
                )
            else:
                continue
            yield LintFinding(origin_of(constraint), message, "fencing-discovery", is_warning=True)


def is_fencing_device(primitive: Primitive, templates: dict[str, Template]) -> bool:
    """Return whether a primitive, or its template, has an agent of class stonith."""
    if primitive.class_ is not None:
        return primitive.class_ == "stonith"
    template = templates.get(primitive.template or "")
    return template is not None and template.class_ == "stonith"
