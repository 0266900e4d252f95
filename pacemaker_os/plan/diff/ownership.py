"""Which document owns what, as the cluster itself remembers it.

The memory is a property set of its own: Pacemaker, pcs and crm leave it alone, and unlike a tag it
does not hinder `pcs resource delete`. Each document has one pair: its name, and the keys of its items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from pacemaker_os.cib import Cib
from pacemaker_os.cib.ids import Ids
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cib.xml import to_element
from pacemaker_os.plan.diff.change import ConfigChange, Step

#: The id of the property set that records which document owns which items.
OWNER_SET = "pcs-os-owner"

PREFIX = f"{OWNER_SET}."

#: Characters of a key that are written as they are; others (a space above all) as %XX.
_PLAIN = ":/@,;=+()[]{}!$&'*<>|~"

_PARENT_PATH: tuple[Step, ...] = (("crm_config", ()), ("cluster_property_set", (("id", OWNER_SET),)))


def ownership_pairs(cib: Cib) -> dict[str, NvPair]:
    """The pair of every document, by the document's name."""
    pairs = (pair for nvset in cib.property_sets if nvset.id == OWNER_SET for pair in nvset.nvpairs)
    return {(pair.name or "").removeprefix(PREFIX): pair for pair in pairs}


def owned(cib: Cib) -> dict[str, frozenset[str]]:
    """The keys of the items of every document, by the document's name."""
    memory = ownership_pairs(cib)
    return {name: frozenset(map(unquote, (pair.value or "").split())) for name, pair in memory.items()}


def update_ownership(
    cib: Cib, before: Mapping[str, frozenset[str]], after: Mapping[str, Iterable[str]]
) -> list[ConfigChange]:
    """The operations that make the memory in `cib` that of `after`; no item, no memory."""
    memory = ownership_pairs(cib)
    ids = Ids({pair.id for pair in memory.values() if pair.id})
    operations = []
    for name, keys in after.items():
        old, value = memory.get(name), " ".join(quote(key, safe=_PLAIN) for key in sorted(keys))
        if set(keys) == before.get(name, frozenset()):
            continue
        identifier = old.id if old is not None else ids.unique(f"{PREFIX}{name}")
        new = NvPair(id=identifier, name=f"{PREFIX}{name}", value=value) if value else None
        operations.append(
            ConfigChange(
                key=f"ownership:{name}",
                kind="ownership",
                name=name,
                parent_path=_PARENT_PATH,
                old=to_text(to_element(old)) if old is not None else None,
                new=to_text(to_element(new)) if new is not None else None,
            )
        )
    return operations
