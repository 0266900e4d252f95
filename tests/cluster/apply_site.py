"""A document on a lab, and what the nodes' journals say of what it made happen."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_handle import LabHandle, pcs_os
from lxml import etree

#: What a controller writes into its node's journal for every operation that came to its end on that node, or
#: on a remote node that it speaks for. (The status does not tell a reload from a start.)
DONE = re.compile(
    r"Result of (start|stop|reload|reload-agent|promote|demote|migrate_to|migrate_from) operation "
    r"for (\S+) on (\S+): OK",
    re.IGNORECASE,
)

#: An action as plans and journals have it in common: verb, resource, from, to.
Happening = tuple[str, str, str, str]


class Site:
    """A document of dummies on the lab, which is taken away again at the end."""

    def __init__(self, lab: LabHandle, folder: Path, name: str = "site") -> None:
        self.lab, self.document = lab, folder / f"{name}.cib.yaml"
        self.where = ("--container", f"{lab.name}-controller01")
        self.nodes = [node for node in lab.nodes if node.startswith("controller")]

    def write(self, content: dict[str, Any]) -> None:
        # JSON is YAML.
        self.document.write_text(json.dumps(content))

    def plan(self, *options: str) -> dict[str, Any]:
        words = ("plan", "--json", *self.where, str(self.document), *options)
        found: dict[str, Any] = json.loads(pcs_os(*words, ok=(0, 2)).stdout)
        return found

    def apply(self, *words: str, ok: tuple[int, ...] = (0,)) -> dict[str, Any]:
        line = ("apply", "--yes", "--json", *self.where, str(self.document), *words)
        found: dict[str, Any] = json.loads(pcs_os(*line, ok=ok).stdout.splitlines()[-1])
        return found

    def cib(self) -> etree._Element:
        return self.query(["cibadmin", "--query"])

    def query(self, words: list[str]) -> etree._Element:
        """What a program on a node says in XML."""
        return etree.fromstring(self.lab.node("controller01").run(words).stdout)

    def epoch(self) -> int:
        return int(self.cib().get("epoch"))


def document_on(lab: LabHandle, folder: Path) -> Iterator[Site]:
    """A site for a test; what it applied is gone afterwards."""
    made = Site(lab, folder)
    yield made
    made.write({"name": "site", "resources": {}})
    pcs_os("apply", "--yes", *made.where, str(made.document))


def dummy(value: str = "x", state: str = "", **more: Any) -> dict[str, Any]:
    """A resource that reloads when its value changes, and restarts when its state file does."""
    params = {"fake": value} | ({"state": f"/run/{state}.state"} if state else {})
    return {"agent": "ocf:heartbeat:Dummy", "params": params, **more}


@dataclass(frozen=True)
class Marks:
    """A place in every node's journal: what stands after it has happened since."""

    lab: LabHandle
    cursors: dict[str, str]

    @classmethod
    def now(cls, site: Site) -> Marks:
        look = ["journalctl", "--quiet", "--lines=1", "--show-cursor", "--output=cat"]
        ends = {node: site.lab.node(node).run(look).text.rpartition("-- cursor: ")[2] for node in site.nodes}
        return cls(site.lab, {node: cursor.strip() for node, cursor in ends.items()})

    def since(self) -> dict[str, Counter[tuple[str, str]]]:
        """Of each resource the operations that were done, with their nodes: what the executors say."""
        found: dict[str, Counter[tuple[str, str]]] = {}
        for _, text in self._journals("cat"):
            for operation, name, where in DONE.findall(text):
                found.setdefault(name, Counter())[operation.removesuffix("-agent"), where] += 1
        return found

    def order_of(self, operation: str) -> list[str]:
        """The resources that had this operation since, on whichever node, in the order of time."""
        lines = (line for _, text in self._journals("short-unix") for line in text.splitlines())
        done = ((float(line.split()[0]), found) for line in lines if (found := DONE.search(line)))
        return [found[2] for _, found in sorted(done, key=lambda each: each[0]) if found[1] == operation]

    def _journals(self, form: str) -> Iterator[tuple[str, str]]:
        """Of each node what its journal says of Pacemaker since."""
        for node, cursor in self.cursors.items():
            words = ["journalctl", "--quiet", f"--output={form}", "--unit=pacemaker"]
            yield node, self.lab.node(node).run([*words, f"--after-cursor={cursor}"]).text


def runs_on(site: Site, resource: str) -> str:
    """The node on which a resource runs."""
    words = ["crm_resource", "--resource", resource, "--locate", "--output-as=xml"]
    return str(site.query(words).findtext(".//node"))


def observed(marks: Marks) -> set[Happening]:
    """What happened since."""
    return {action for name, done in marks.since().items() for action in _happened(name, done)}


def _happened(name: str, done: Counter[tuple[str, str]]) -> Iterator[Happening]:
    """Single operations put together as the scheduler does it: a stop and a start are a restart or a move."""

    def nodes(operation: str) -> set[str]:
        return {where for word, where in done if word == operation}

    stops, starts = nodes("stop"), nodes("start")
    for source in nodes("migrate_to"):
        for node in nodes("migrate_from"):
            yield "migrate", name, source, node
            stops -= {source}
    for node in stops & starts:
        yield "restart", name, node, node
    ended, begun = stops - starts, starts - stops
    if len(ended) == len(begun) == 1:
        yield "move", name, *ended, *begun
    else:
        yield from (("stop", name, node, "") for node in ended)
        yield from (("start", name, "", node) for node in begun)
    for verb in ("reload", "promote", "demote"):
        yield from ((verb, name, node, node) for node in nodes(verb))


def foretold(plan: dict[str, Any]) -> set[Happening]:
    """What a plan says will happen."""
    return {(e["verb"], e["resource"].split(":")[0], e["source"], e["node"]) for e in plan["effects"]}


def goes_as_foretold(site: Site, content: dict[str, Any], verbs: set[str]) -> dict[str, Any]:
    """Plan and apply: these verbs are foretold, and what is foretold happens, and nothing else."""
    site.write(content)
    marks, plan = Marks.now(site), site.plan()
    assert {verb for verb, *_ in foretold(plan)} == verbs
    assert site.apply()["outcome"] == "done"
    assert observed(marks) == foretold(plan)
    return plan
