"""A document on a lab, and its effects according to the journals of the nodes."""

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

#: Journal line of a controller for every operation that finished on its node, or on a remote node that it
#: manages. (The CIB status does not distinguish a reload from a start.)
DONE = re.compile(
    r"Result of (start|stop|reload|reload-agent|promote|demote|migrate_to|migrate_from) operation "
    r"for (\S+) on (\S+): OK",
    re.IGNORECASE,
)

#: An action in the common form of plans and journals: verb, resource, source node, target node.
Action = tuple[str, str, str, str]


class Site:
    """A document of dummies on the lab, which is removed at the end."""

    def __init__(self, lab: LabHandle, directory: Path, name: str = "site") -> None:
        self.lab, self.document = lab, directory / f"{name}.cib.yaml"
        self.where = ("--container", f"{lab.name}-controller01")
        self.nodes = [node for node in lab.nodes if node.startswith("controller")]

    def write(self, content: dict[str, Any]) -> None:
        # JSON is YAML.
        self.document.write_text(json.dumps(content))

    def plan(self, *options: str) -> dict[str, Any]:
        args = ("plan", "--json", *self.where, str(self.document), *options)
        found: dict[str, Any] = json.loads(pcs_os(*args, ok=(0, 2)).stdout)
        return found

    def apply(self, *args: str, ok: tuple[int, ...] = (0,)) -> dict[str, Any]:
        line = ("apply", "--yes", "--json", *self.where, str(self.document), *args)
        found: dict[str, Any] = json.loads(pcs_os(*line, ok=ok).stdout.splitlines()[-1])
        return found

    def cib(self) -> etree._Element:
        return self.query(["cibadmin", "--query"])

    def query(self, command: list[str]) -> etree._Element:
        """Return the XML output of a command on a node."""
        return etree.fromstring(self.lab.node("controller01").run(command).stdout)

    def epoch(self) -> int:
        return int(self.cib().get("epoch"))


def document_on(lab: LabHandle, directory: Path) -> Iterator[Site]:
    """Yield a site for a test, and remove what it applied afterwards."""
    made = Site(lab, directory)
    yield made
    made.write({"name": "site", "resources": {}})
    pcs_os("apply", "--yes", *made.where, str(made.document))


def dummy(value: str = "x", state: str = "", **more: Any) -> dict[str, Any]:
    """Return a resource that reloads when its value changes, and restarts when its state file changes."""
    params = {"fake": value} | ({"state": f"/run/{state}.state"} if state else {})
    return {"agent": "ocf:heartbeat:Dummy", "params": params, **more}


@dataclass(frozen=True)
class Marks:
    """A position in the journal of every node."""

    lab: LabHandle
    cursors: dict[str, str]

    @classmethod
    def now(cls, site: Site) -> Marks:
        command = ["journalctl", "--quiet", "--lines=1", "--show-cursor", "--output=cat"]
        ends = {
            node: site.lab.node(node).run(command).text.rpartition("-- cursor: ")[2] for node in site.nodes
        }
        return cls(site.lab, {node: cursor.strip() for node, cursor in ends.items()})

    def since(self) -> dict[str, Counter[tuple[str, str]]]:
        """Return the operations of each resource since then, with their nodes."""
        found: dict[str, Counter[tuple[str, str]]] = {}
        for _, text in self._journals("cat"):
            for operation, name, where in DONE.findall(text):
                found.setdefault(name, Counter())[operation.removesuffix("-agent"), where] += 1
        return found

    def order_of(self, operation: str) -> list[str]:
        """Return the resources that had this operation since then on any node, in chronological order."""
        lines = (line for _, text in self._journals("short-unix") for line in text.splitlines())
        done = ((float(line.split()[0]), found) for line in lines if (found := DONE.search(line)))
        return [found[2] for _, found in sorted(done, key=lambda each: each[0]) if found[1] == operation]

    def _journals(self, form: str) -> Iterator[tuple[str, str]]:
        """Yield each node with the journal of Pacemaker since then."""
        for node, cursor in self.cursors.items():
            command = ["journalctl", "--quiet", f"--output={form}", "--unit=pacemaker"]
            yield node, self.lab.node(node).run([*command, f"--after-cursor={cursor}"]).text


def runs_on(site: Site, resource: str) -> str:
    """Return the node on which a resource runs."""
    command = ["crm_resource", "--resource", resource, "--locate", "--output-as=xml"]
    return str(site.query(command).findtext(".//node"))


def observed(marks: Marks) -> set[Action]:
    """Return the actions since then."""
    return {action for name, done in marks.since().items() for action in _happened(name, done)}


def _happened(name: str, done: Counter[tuple[str, str]]) -> Iterator[Action]:
    """Combine operations as the scheduler does: a stop and a start are a restart or a move."""

    def nodes(operation: str) -> set[str]:
        return {node for kind, node in done if kind == operation}

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


def predicted(plan: dict[str, Any]) -> set[Action]:
    """Return the effects that a plan predicts."""
    return {(e["verb"], e["resource"].split(":")[0], e["source"], e["node"]) for e in plan["effects"]}


def apply_as_predicted(site: Site, content: dict[str, Any], verbs: set[str]) -> dict[str, Any]:
    """Plan and apply; check that exactly these verbs are predicted, and that exactly the effects occur."""
    site.write(content)
    marks, plan = Marks.now(site), site.plan()
    assert {verb for verb, *_ in predicted(plan)} == verbs
    assert site.apply()["outcome"] == "done"
    assert observed(marks) == predicted(plan)
    return plan
