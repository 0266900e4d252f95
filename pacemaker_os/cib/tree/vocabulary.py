"""Tags and attributes of the raw CIB, derived from the layout of the model's classes."""

from __future__ import annotations

from pacemaker_os.cib.configuration import Cib
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.resources import MASTER, Template
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import IDREF, NODE, RESOURCE, Kind


def _model_classes() -> tuple[type[Element], ...]:
    """Return the classes of all elements below <configuration>."""
    found: dict[type[Element], None] = {}
    pending: list[type[Element]] = [Cib]
    while pending:
        cls = pending.pop(0)
        if cls not in found:
            found[cls] = None
            pending += [child for spec in layout(cls).children for child in spec.classes]
    return tuple(found)


def _attributes(*kinds: Kind) -> tuple[str, ...]:
    """Return the XML attributes of these kinds, without those that are an element's own id."""
    found = (
        spec.xml
        for cls in _model_classes()
        for spec in layout(cls).attributes
        if spec.kind in kinds and spec.xml != "id"
    )
    return tuple(dict.fromkeys(found))


#: Classes and tags of resources. A template is not a resource.
RESOURCE_CLASSES: tuple[type[Element], ...] = tuple(
    cls for spec in layout(Cib).children if spec.section == "resources" for cls in spec.classes
)
RESOURCE_TAGS = (*(cls.tag for cls in RESOURCE_CLASSES if cls is not Template), MASTER)

#: Attributes that hold the id of a resource, the name of a node, or the id of any element.
RESOURCE_ATTRIBUTES = _attributes(RESOURCE)
NODE_ATTRIBUTES = _attributes(NODE)
REFERENCE_ATTRIBUTES = _attributes(RESOURCE, IDREF)

#: Tags of elements whose `id` is the id of another element.
REFERENCE_TAGS = tuple(
    cls.tag
    for cls in _model_classes()
    if (spec := layout(cls).attribute_by_xml.get("id")) is not None and spec.refers
)
