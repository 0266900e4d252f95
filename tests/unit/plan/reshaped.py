"""Random documents of six resources, random rearrangements of them, and random operator overrides."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

#: Agents of the resources. Only instances of `Stateful` can be promoted.
STATEFUL, DUMMY = "ocf:pacemaker:Stateful", "ocf:heartbeat:Dummy"
AGENTS = {"a": STATEFUL, "b": STATEFUL, "c": STATEFUL, "d": DUMMY, "e": DUMMY, "f": DUMMY}

#: Names of the templates of the agents.
TEMPLATES = {STATEFUL: "stateful", DUMMY: "dummy"}

RESOURCE_TAGS = ("primitive", "group", "clone")

#: Meta attributes of overrides with their values.
META = [("target-role", "Stopped"), ("is-managed", "false"), ("maintenance", "true")]


@dataclass(frozen=True)
class Member:
    """A primitive: one of AGENTS, perhaps with another name, and perhaps with a template."""

    letter: str
    renamed: int = 0
    template: bool = False

    @property
    def name(self) -> str:
        return f"{self.letter}{self.renamed or ''}"

    def body(self) -> dict[str, Any]:
        agent = AGENTS[self.letter]
        return {"template": TEMPLATES[agent]} if self.template else {"agent": agent}


@dataclass(frozen=True)
class Part:
    """A resource: a primitive, or a group if it has a name. `kind` is empty, `clone` or `promotable`."""

    members: tuple[Member, ...]
    group: str = ""
    kind: str = ""

    @property
    def can_be_promoted(self) -> bool:
        return all(AGENTS[member.letter] == STATEFUL for member in self.members)

    def body(self) -> dict[str, Any]:
        inside = (
            {"group": {member.name: member.body() for member in self.members}}
            if self.group
            else self.members[0].body()
        )
        return {**inside, self.kind: True} if self.kind else inside


Parts = tuple[Part, ...]


def content(parts: Parts) -> dict[str, Any]:
    """Return the content of a document."""
    resources = {part.group or part.members[0].name: part.body() for part in parts}
    templates = {name: {"agent": agent} for agent, name in TEMPLATES.items()}
    return {"resources": resources, "templates": templates}


def arrange(chance: random.Random) -> Parts:
    """Return all resources in a random arrangement."""
    letters, parts = list(AGENTS), []
    chance.shuffle(letters)
    while letters:
        size = chance.choice([1, 1, 1, 2, 3])
        some = [Member(each, int(chance.random() < 0.1), chance.random() < 0.2) for each in letters[:size]]
        del letters[:size]
        grouped = size > 1 or chance.random() < 0.2
        part = Part(tuple(some), f"g{chance.randrange(3)}{len(letters)}" if grouped else "")
        parts.append(replace(part, kind=_kind(part, chance) if chance.random() < 0.4 else ""))
    return tuple(parts)


def reshape(parts: Parts, chance: random.Random) -> tuple[str, Parts]:
    """Return one random change of an arrangement, with its name."""
    while True:
        name = chance.choice(sorted(_CHANGES))
        changed = _CHANGES[name](parts, chance)
        names = [part.group or part.members[0].name for part in changed]
        if changed != parts and len(set(names)) == len(names):
            return name, changed


def _kind(part: Part, chance: random.Random) -> str:
    return chance.choice(["clone", "promotable"]) if part.can_be_promoted else "clone"


def _one(
    change: Callable[[Part, random.Random], tuple[Part, ...]],
) -> Callable[[Parts, random.Random], Parts]:
    """Return a change of the arrangement that replaces one of its parts."""

    def changed(parts: Parts, chance: random.Random) -> Parts:
        chosen = chance.randrange(len(parts))
        new = change(parts[chosen], chance)
        return (*parts[:chosen], *new, *parts[chosen + 1 :])

    return changed


def _clone(part: Part, chance: random.Random) -> tuple[Part, ...]:
    return (part if part.kind else replace(part, kind=_kind(part, chance)),)


def _unclone(part: Part, _: random.Random) -> tuple[Part, ...]:
    return (replace(part, kind=""),)


def _promotable(part: Part, _: random.Random) -> tuple[Part, ...]:
    other = {"clone": "promotable", "promotable": "clone"}
    return (replace(part, kind=other.get(part.kind, "")) if part.can_be_promoted else part,)


def _ungroup(part: Part, _: random.Random) -> tuple[Part, ...]:
    return tuple(Part((member,), kind=part.kind) for member in part.members) if part.group else (part,)


def _rename(part: Part, chance: random.Random) -> tuple[Part, ...]:
    chosen = chance.randrange(len(part.members) + bool(part.group))
    if chosen == len(part.members):
        return (replace(part, group=f"h{part.group[1:]}" if part.group[0] == "g" else f"g{part.group[1:]}"),)
    old = part.members[chosen]
    members = (*part.members[:chosen], replace(old, renamed=1 - old.renamed), *part.members[chosen + 1 :])
    return (replace(part, members=members),)


def _template(part: Part, chance: random.Random) -> tuple[Part, ...]:
    chosen = chance.randrange(len(part.members))
    old = part.members[chosen]
    members = (*part.members[:chosen], replace(old, template=not old.template), *part.members[chosen + 1 :])
    return (replace(part, members=members),)


def _group(parts: Parts, chance: random.Random) -> Parts:
    """Put two or three primitives into a new group."""
    alone = [part for part in parts if not part.group]
    some = chance.sample(alone, min(len(alone), chance.choice([1, 2, 3])))
    if not some:
        return parts
    group = Part(tuple(part.members[0] for part in some), f"g{chance.randrange(3)}n")
    group = replace(group, kind=_kind(group, chance) if chance.random() < 0.3 else "")
    rest = tuple(part for part in parts if part not in some)
    return parts if group.group in {part.group for part in rest} else (*rest, group)


def _move(parts: Parts, chance: random.Random) -> Parts:
    """Move a member of a group, or a primitive, to another group."""
    source, target = chance.choice(parts), chance.choice(parts)
    if source is target or not target.group:
        return parts
    member = chance.choice(source.members)
    members = list(target.members)
    members.insert(chance.randrange(len(members) + 1), member)
    filled = replace(target, members=tuple(members))
    if filled.kind == "promotable" and not filled.can_be_promoted:
        filled = replace(filled, kind="clone")
    left = replace(source, members=tuple(each for each in source.members if each is not member))
    changed = (filled if part is target else left if part is source else part for part in parts)
    return tuple(part for part in changed if part.members)


_CHANGES: dict[str, Callable[[Parts, random.Random], Parts]] = {
    "clone": _one(_clone),
    "unclone": _one(_unclone),
    "promotable": _one(_promotable),
    "ungroup": _one(_ungroup),
    "rename": _one(_rename),
    "template": _one(_template),
    "group": _group,
    "move": _move,
}


@dataclass(frozen=True)
class Step:
    """An override that an operator sets.

    `kind` is a meta attribute of META, `ban`, `prefer`, `standby`, `node-maintenance` or `maintenance-mode`.
    """

    kind: str
    resource: str = ""
    node: str = ""

    @property
    def value(self) -> str:
        return dict(META)[self.kind]


def steps(cib: etree._Element, nodes: list[str], chance: random.Random, *, count: int) -> Iterator[Step]:
    """Yield random overrides of different resources of a `<cib>`, and rarely one of a node or of all."""
    resources = [
        str(each.get("id"))
        for each in cib.iterfind("configuration/resources//*")
        if each.tag in RESOURCE_TAGS and each.get("class") != "stonith"
    ]
    for name in chance.sample(resources, min(count, len(resources))):
        draw, node = chance.random(), chance.choice(nodes)
        if draw < 0.2:
            yield Step("ban", name, node)
        elif draw < 0.35:
            yield Step("prefer", name, node)
        else:
            yield Step(chance.choice(META)[0], name)
    draw = chance.random()
    if draw < 0.1:
        yield Step("standby", node=chance.choice(nodes))
    elif draw < 0.15:
        yield Step("node-maintenance", node=chance.choice(nodes))
    elif draw < 0.2:
        yield Step("maintenance-mode")


def meta_overrides(cib: etree._Element) -> set[tuple[str, str, str]]:
    """Return the primitive, the name and the value of each override, with those of groups and clones."""
    found: dict[tuple[str, str], str] = {}
    names = {name for name, _ in META}
    for each in cib.iterfind("configuration/resources//primitive"):
        for around in (each, *each.iterancestors()):
            for pair in around.iterfind("meta_attributes/nvpair"):
                if pair.get("name") in names:
                    found.setdefault((str(each.get("id")), str(pair.get("name"))), str(pair.get("value")))
    return {(*key, value) for key, value in found.items()}


def located(cib: etree._Element) -> set[tuple[str, str, str]]:
    """Return the primitive, the node and the score of each ban and each move."""
    resources = {each.get("id"): each for each in cib.iterfind("configuration/resources//*[@id]")}
    found = set()
    for each in cib.iterfind("configuration/constraints/rsc_location"):
        resource = resources.get(each.get("rsc"))
        if str(each.get("id")).startswith("cli-") and resource is not None:
            scored = each if each.get("node") else each.find("rule")
            node = (
                each.get("node")
                or each.findtext("rule/expression")
                or str(each.find(".//expression").get("value"))
            )
            for primitive in resource.iter("primitive"):
                found.add((str(primitive.get("id")), str(node), str(scored.get("score"))))
    return found


def set_on_nodes(cib: etree._Element) -> set[tuple[str, str, str]]:
    """Return the overrides of nodes and of the whole cluster."""
    found = set()
    for node in cib.iterfind("configuration/nodes/node"):
        for pair in node.iterfind("instance_attributes/nvpair"):
            if pair.get("name") in ("standby", "maintenance"):
                found.add((str(node.get("uname")), str(pair.get("name")), str(pair.get("value"))))
    for pair in cib.iterfind("configuration/crm_config/cluster_property_set/nvpair"):
        if pair.get("name") == "maintenance-mode":
            found.add(("", "maintenance-mode", str(pair.get("value"))))
    return found


def unnamed(ended: set[tuple[str, str, str]], after: etree._Element, lost: list[str]) -> list[str]:
    """Return the bans and moves that ended and that a plan does not name as lost.

    A plan names them for the largest resource that they would move to.
    """
    words = set(" ".join(lost).replace("(", " ").split())
    names = {str(each.get("id")): each for each in after.iterfind("configuration/resources//primitive")}
    found = []
    for name, node, score in ended:
        if name in names:
            around = {str(each.get("id")) for each in (names[name], *names[name].iterancestors())}
            found += [] if around & words else [f"{name} {node} {score}"]
    return found
