"""Objects that a document does not own but its changes would affect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pacemaker_os.cib.ids import taken
from pacemaker_os.errors import Problem
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem


def foreign_ids(desired: Iterable[DesiredItem], rest: Mapping[str, Item]) -> Iterator[Problem]:
    """Yield a problem for each id in the document that another object has.

    `rest` are the live items that the document neither declares nor removes. Generated ids avoid used ones.
    """
    users = {name: item for item in rest.values() for name in taken(item.element)}
    for each in desired:
        # References to a clone contain its generated id, so it cannot avoid used ids.
        own = {each.item.name} if each.item.section == "resources" else set()
        for name in sorted(users.keys() & (taken(each.declared) | own)):
            user, kind = users[name], each.item.kind
            inside = "" if user.name == name else f" in {user.kind} '{user.name}'"
            what = f"{user.kind} '{name}'" if not inside else f"an element{inside}"
            part = "" if each.item.name == name else f" in {kind} '{each.item.name}'"
            message = (
                f"the id '{name}'{part} is in use by {what}; use another id, or rename or remove that object"
            )
            yield each.problem(message, "id-in-use")


def foreign_removals(removed: Mapping[str, Item], others: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each item to remove that another document owns, by `others`."""
    for key, item in removed.items():
        if key in others:
            message = (
                f"cannot remove {item.kind} '{item.name}': document '{others[key]}' owns it; "
                "remove it from that document, or use --take-over"
            )
            yield Problem("plan", 0, 0, message, "owned-elsewhere")
