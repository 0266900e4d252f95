"""The ownership record: which document owns which items, stored in the CIB.

The record is a property set of its own. Pacemaker, pcs and crmsh ignore it, and unlike a tag it does not
interfere with `pcs resource delete`. It has one pair for each document: the document's name, the keys
of its items, and the overrides of resources (target-role) that it declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from pacemaker_os.cib import Cib
from pacemaker_os.cib.ids import Ids
from pacemaker_os.cib.nvsets import NvPair, NvSet
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cib.xml import to_element
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.change import ConfigChange, Step

#: The id of the property set.
OWNER_SET = "pcs-os-owner"

#: The id and the name of the pair in the set that names the newest apply (see cluster/store/mark.py).
MARK = "pcs-os-record"

#: The prefix of the names of its pairs.
PREFIX = f"{OWNER_SET}."

#: Characters of a key that are not escaped. All others (above all a space) become %XX.
_PLAIN = ":/@,;=+()[]{}!$&'*<>|~"

#: The prefix of the key of a declared override.
_OVERRIDE = "override:"

_PARENT_PATH: tuple[Step, ...] = (("crm_config", ()), ("cluster_property_set", (("id", OWNER_SET),)))


@dataclass(frozen=True, slots=True)
class Ownership:
    """The record as the document `owner` sees it.

    `recorded` is the whole record of every document. `own` are the keys of the items that the document owns,
    `own_overrides` the overrides that it declares. `others` are the documents that own other items, by key.
    """

    owner: str
    recorded: Mapping[str, frozenset[str]]
    own: frozenset[str]
    own_overrides: frozenset[tuple[str, str]]
    others: Mapping[str, str]

    @classmethod
    def of(cls, cib: Cib, owner: str) -> Ownership:
        """Read the record in `cib`."""
        keys = owned(cib)
        own = keys.get(owner, frozenset())
        others = {key: name for name, found in keys.items() if name != owner for key in found - own}
        return cls(owner, recorded(cib), own, owned_overrides(cib).get(owner, frozenset()), others)


def ownership_pairs(cib: Cib) -> dict[str, NvPair]:
    """Return the pair of every document, by the document's name."""
    pairs = (pair for nvset in cib.property_sets for pair in nvset.nvpairs if is_record(nvset, pair))
    return {(pair.name or "").removeprefix(PREFIX): pair for pair in pairs if pair.name != MARK}


def is_record(nvset: NvSet, pair: NvPair) -> bool:
    """Return whether a pair belongs to the record, or is the mark of the newest apply.

    pcs writes properties to the first set, whatever it is.
    """
    return nvset.id == OWNER_SET and (pair.name == MARK or (pair.name or "").startswith(PREFIX))


def owned(cib: Cib) -> dict[str, frozenset[str]]:
    """Return the keys of the items that every document owns, by the document's name."""
    return {
        name: frozenset(key for key in keys if override_of(key) is None)
        for name, keys in recorded(cib).items()
    }


def owned_overrides(cib: Cib) -> dict[str, frozenset[tuple[str, str]]]:
    """Return the overrides of resources that every document declares, by resource and name."""
    return {
        name: frozenset(override for key in keys if (override := override_of(key)) is not None)
        for name, keys in recorded(cib).items()
    }


def recorded(cib: Cib) -> dict[str, frozenset[str]]:
    """Return the whole record of every document: the keys of its items and of the overrides it declares."""
    return {name: recorded_keys(pair.value or "") for name, pair in ownership_pairs(cib).items()}


def recorded_keys(value: str) -> frozenset[str]:
    """Return the keys in the value of a pair."""
    return frozenset(map(unquote, value.split()))


def override_of(key: str) -> tuple[str, str] | None:
    """Return the resource and the name of a recorded override; None for the key of an item."""
    if not key.startswith(_OVERRIDE):
        return None
    resource, _, name = key.removeprefix(_OVERRIDE).rpartition(":")
    return resource, name


def override_resource(key: str) -> str | None:
    """Return the resource of a recorded override; None for the key of an item."""
    override = override_of(key)
    return None if override is None else override[0]


def override_keys(overrides: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the keys that record the overrides of resources that a document declares."""
    return frozenset(f"{_OVERRIDE}{resource}:{name}" for resource, name in overrides)


def update_ownership(
    cib: Cib, before: Mapping[str, frozenset[str]], after: Mapping[str, Iterable[str]]
) -> list[ConfigChange]:
    """Return the changes that update the record in `cib`. A document without items is removed from it."""
    pairs = ownership_pairs(cib)
    ids = Ids({pair.id for pair in pairs.values() if pair.id})
    changes = []
    for name, keys in after.items():
        old, value = pairs.get(name), " ".join(quote(key, safe=_PLAIN) for key in sorted(keys))
        if set(keys) == before.get(name, frozenset()):
            continue
        identifier = old.id if old is not None else ids.unique(f"{PREFIX}{name}")
        new = NvPair(id=identifier, name=f"{PREFIX}{name}", value=value) if value else None
        changes.append(
            ConfigChange(
                key=f"ownership:{name}",
                kind="ownership",
                name=name,
                parent_path=_PARENT_PATH,
                old=to_text(to_element(old)) if old is not None else None,
                new=to_text(to_element(new)) if new is not None else None,
            )
        )
    return changes
