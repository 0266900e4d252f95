"""Hypothesis strategies for pairs of documents, the second of which rearranges the first."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from pacemaker_os import document
from pacemaker_os.cib import Cib

AGENTS = ["ocf:pacemaker:Dummy", "ocf:heartbeat:IPaddr2", "ocf:pacemaker:Stateful", "systemd:a@b", "lsb:x"]
NODES = ["n1", "n2", "node-3.example", "-n", "n 4"]
#: Ids that pcs reads as such, and ids that it does not.
POOL = ["a", "b-1", "c.x", "d_", "with", "then", "é", "Meta", "_z"]
NAMES = st.sampled_from(["ip", "rack", "with=eq", "-dash", "a b", "ü", "x'y", "$HOME", "#h"])
VALUES = st.sampled_from(
    [
        "1",
        "a b",
        "x'y",
        '"',
        "$HOME",
        "`id`",
        "-1",
        "a=b",
        "ü",
        " lead",
        "\u0085",
        "!",
        "%",
    ]
)
PAIRS = st.dictionaries(NAMES, VALUES, max_size=3)
META = st.dictionaries(st.sampled_from(["priority", "migration-threshold"]), st.sampled_from(["1", "5"]))
SCORES = st.sampled_from(["INFINITY", "-INFINITY", "5", "-20"])
MONITORS = st.sampled_from([
    "10s",
    {"interval": "20s", "timeout": "5s"},
    ["10s", {"interval": "30s", "params": {"OCF_CHECK_LEVEL": "10"}}],
    [{"interval": "10s", "role": "Promoted"}, {"interval": "11s", "role": "Unpromoted"}],
])  # fmt: skip


@st.composite
def _primitive(draw: Any, agents: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"agent": draw(st.sampled_from(agents))}
    if params := draw(st.just({}) | PAIRS):
        found["params"] = params
    if meta := draw(st.just({}) | META):
        found["meta"] = meta
    operations = {}
    if draw(st.booleans()):
        operations["monitor"] = draw(MONITORS)
    if draw(st.integers(0, 3)) == 0:
        operations["start"] = {"timeout": "20s"}
    if operations:
        found["operations"] = operations
    if draw(st.integers(0, 5)) == 0:
        found["utilization"] = {"cpu": "4"}
    return found


@st.composite
def _resources(draw: Any, pool: dict[str, Any]) -> dict[str, Any]:
    """Arrange primitives as they are, in groups, in clones and in bundles."""
    names = draw(st.permutations(sorted(pool)))[: draw(st.integers(1, len(pool)))]
    found: dict[str, Any] = {}
    while names:
        name, kind = names[0], draw(st.integers(0, 5))
        if kind <= 1 or pool[name]["agent"].startswith("stonith"):
            found[name] = pool[name]
            names = names[1:]
        elif kind == 2:
            promotable = pool[name]["agent"].startswith("ocf")
            how = draw(st.sampled_from(["clone", "promotable"] if promotable else ["clone"]))
            own = draw(st.sampled_from([{}, {"clone-max": "2"}, {"interleave": "true", "notify": "true"}]))
            found[name] = {**pool[name], how: own or True}
            names = names[1:]
        elif kind == 3:
            found[f"bundle-{len(found)}"] = {"bundle": {"podman": {"image": draw(VALUES)}}}
        else:
            size = draw(st.integers(1, 3))
            members = {each: pool[each] for each in names[:size] if "stonith" not in pool[each]["agent"]}
            group: dict[str, Any] = {"group": members}
            if draw(st.integers(0, 3)) == 0:
                group["clone"] = True
            if draw(st.booleans()):
                group["meta"] = draw(META)
            found[
                draw(st.sampled_from([n for n in ("g1", "g2", "g3", f"g{len(found)}x") if n not in found]))
            ] = group
            names = names[size:]
    return found


@st.composite
def _documents(draw: Any, pool: dict[str, Any]) -> Cib:
    resources = draw(_resources(pool))
    base = document.load(json.dumps({"resources": resources}))
    top = [str(getattr(each, "id", "")) for each in base.resources]
    plain = [name for name in top if name.isidentifier() and name not in ("with", "then")] or ["a"]
    inner = [each for name in resources for each in resources[name].get("group", {})]
    text: dict[str, Any] = {"resources": resources}
    one = st.sampled_from(top + inner)
    order, colocation, location, tickets = [], [], [], []
    for _ in range(draw(st.integers(0, 3))):
        first, then = draw(one), draw(one)
        if first != then:
            order.append(
                {"sets": [[first], [then]]} if draw(st.booleans()) else {"first": first, "then": then}
            )
            colocation.append({"resource": first, "with": then, "score": draw(SCORES)})
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.sampled_from([{"node": draw(st.sampled_from(NODES))}, {"where": "rack eq left"}]))
        location.append({"resource": draw(one), "score": draw(SCORES), **where})
    if draw(st.booleans()):
        tickets.append({"resource": draw(one), "ticket": "T"})
    text |= {"order": order, "colocation": colocation, "location": location, "tickets": tickets}
    text["properties"] = draw(
        st.dictionaries(
            st.sampled_from(["no-quorum-policy", "x y", "my=own", "ü", "batch-limit"]), VALUES, max_size=3
        )
    )
    text["nodes"] = {
        name: {"attributes": draw(PAIRS)}
        for name in draw(st.lists(st.sampled_from(NODES), unique=True, max_size=3))
    }
    plain_set: dict[str, Any] = {"values": {"resource-stickiness": draw(VALUES)}}
    ruled = {"where": "resource ocf:heartbeat:Dummy", "score": "5", "values": {"priority": "2"}}
    text["defaults"] = {"resources": draw(st.sampled_from([[], [plain_set], [plain_set, ruled], [ruled]]))}
    if draw(st.booleans()):
        text["defaults"]["operations"] = {"timeout": "60s"}
    if draw(st.booleans()):
        text["tags"] = {
            draw(st.sampled_from(["t1", "t2"])): draw(st.lists(one, min_size=1, max_size=3, unique=True))
        }
    if draw(st.booleans()):
        permission = draw(
            st.sampled_from(
                [
                    {"kind": "read", "xpath": "/cib[@x='y z']"},
                    {"kind": "deny", "reference": plain[0] if plain[0] in top else top[0]},
                ]
            )
        )
        text["acls"] = {"roles": {"ro": {"permissions": [permission]}}, "users": {"al": ["ro"]}}
    if draw(st.booleans()):
        recipients = [{"value": value} for value in draw(st.lists(VALUES, max_size=2, unique=True))]
        text["alerts"] = {"al1": {"path": draw(VALUES), "recipients": recipients}}
    if "fence" in resources:
        text["fencing"] = {name: ["fence"] for name in draw(st.sets(st.sampled_from(NODES), max_size=2))}
    return document.load(json.dumps(text))


@st.composite
def pairs(draw: Any) -> tuple[Cib, Cib]:
    """Draw two documents with mostly the same resources, in different arrangements."""
    names = draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=5, unique=True))
    pool = {name: draw(_primitive(AGENTS)) for name in names}
    pool["fence"] = draw(_primitive(["stonith:fence_dummy"]))
    first = draw(_documents(pool))
    for name in draw(st.sets(st.sampled_from(sorted(pool)), max_size=2)):
        pool[name] = draw(
            _primitive([pool[name]["agent"], *AGENTS] if name != "fence" else ["stonith:fence_dummy"])
        )
    return first, draw(_documents(pool))
