"""The mark: the id of the newest apply, which the CIB carries with the change itself.

It is a pair in the property set of the ownership record, which Pacemaker, pcs and crmsh ignore. It is
written in the same compare-and-swap as the change. Every reader of the CIB therefore knows which apply it
contains, even if the writer, its node or its connection failed right after the write.

A rollback that restores a configuration exactly restores the mark in it as well.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.plan.diff.ownership import MARK, OWNER_SET

#: Suffix of the id after the first of two writes, which stops resources before the second removes them.
STOPPING = ":stopping"

_SECTION = "crm_config"
_SET = f"cluster_property_set[@id='{OWNER_SET}']"
_PAIR = f"nvpair[@id='{MARK}']"


def read_mark(cib: etree._Element) -> str:
    """Return the mark of a `<cib>`, or an empty string if it has none."""
    pair = cib.find(f"configuration/{_SECTION}/{_SET}/{_PAIR}")
    return "" if pair is None else pair.get("value", "")


def with_mark(cib: etree._Element, mark: str) -> etree._Element:
    """Return a copy of a `<cib>` with a mark."""
    result = deepcopy(cib)
    configuration = content.configuration(result)
    section = configuration.find(_SECTION)
    if section is None:
        section = etree.Element(_SECTION)
        configuration.insert(0, section)
    nvset = section.find(_SET)
    if nvset is None:
        nvset = etree.SubElement(section, "cluster_property_set", id=OWNER_SET)
    pair = nvset.find(_PAIR)
    if pair is None:
        pair = etree.SubElement(nvset, "nvpair", id=MARK, name=MARK)
    pair.set("value", mark)
    return result
