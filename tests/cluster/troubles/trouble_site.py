"""A lab with a document whose services can be made to fail."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import Any

from lab_handle import LabHandle, pcs_os

AGENT = Path(__file__).with_name("Troubled")

#: Where agents of the provider `test` are on a node.
_INSTALLED = "/usr/lib/ocf/resource.d/test/Troubled"

#: web depends on db; st is promotable; many runs on each node.
DOCUMENT = """\
name: app
defaults:
  resources: {resource-stickiness: 100}
resources:
  address: {agent: "ocf:test:Troubled", monitor: 10s}
  db: {agent: "ocf:test:Troubled", monitor: 10s}
  web: {agent: "ocf:test:Troubled", monitor: 10s}
  st: {agent: "ocf:test:Troubled", monitor: 10s, promotable: {promoted-max: 1}}
  many: {agent: "ocf:test:Troubled", monitor: 10s, clone: {interleave: true}}
order:
  - db then web
colocation:
  - web with db
"""

State = dict[str, Any]


class TroubleSite:
    """The services of DOCUMENT on a lab."""

    def __init__(self, lab: LabHandle, directory: Path) -> None:
        self.lab, self.directory = lab, directory
        self.nodes = sorted(lab.members)
        self.document = directory / "app.cib.yaml"
        for node in self.nodes:
            self.install_agent(node)
        self.apply(DOCUMENT, ok=(0,))
        self.calm = self.wait("all is well", lambda state: not problems(state), 120)
        self._configuration = self.run(["cibadmin", "--query", "--scope", "configuration"])

    def install_agent(self, node: str) -> None:
        """Install the agent on a node."""
        text = shlex.quote(AGENT.read_text())
        self.sh(
            f"mkdir -p {Path(_INSTALLED).parent}; printf %s {text} >{_INSTALLED}; chmod 755 {_INSTALLED}",
            node,
        )

    def remove_agent(self, node: str) -> None:
        """Remove the agent from a node."""
        self.sh(f"rm {_INSTALLED}", node)

    def apply(self, text: str, *options: str, ok: tuple[int, ...] = (0, 1)) -> None:
        """Apply a document, which is kept as app.cib.yaml."""
        self.document.write_text(text)
        allow = ("--allow", "restart,move,stop", "--adopt", "--skip-agent-checks")
        pcs_os("apply", "--yes", *allow, *options, *self.where(), str(self.document), ok=ok)

    def where(self, node: str = "controller01") -> tuple[str, str]:
        """Return the options of pcs-os for a node."""
        return "--container", f"{self.lab.name}-{node}"

    def status(self, node: str = "controller01") -> State:
        """Return the status as JSON data, or an empty one if it cannot be read."""
        done = pcs_os("status", "--json", *self.where(node), ok=(0, 1))
        found: State = json.loads(done.stdout) if done.returncode == 0 else {}
        return found or {
            "findings": [],
            "services": [],
            "nodes": [],
            "error": done.stdout + done.stderr or "no output",
        }

    def run(self, command: list[str], node: str = "controller01") -> bytes:
        """Run a command on a node and return its output."""
        return self.lab.node(node).run(command).stdout

    def sh(self, script: str, node: str = "controller01") -> str:
        """Run a shell script on a node and return its output; its exit status is ignored."""
        return self.lab.node(node).run(["sh", "-c", script], ok=()).text

    def fail(self, resource: str, action: str, commands: str, *nodes: str) -> None:
        """Let the actions of a resource run these commands first, on the nodes (default: all)."""
        for node in nodes or self.nodes:
            path = f"/run/trouble/{resource}.{action}"
            self.sh(f"mkdir -p /run/trouble; printf %s {shlex.quote(commands)} >{path}", node)

    def succeed(self, *nodes: str) -> None:
        """Let all actions succeed again."""
        for node in nodes or self.nodes:
            self.sh("rm -rf /run/trouble", node)

    def where_runs(self, service: str) -> str:
        """Return a node that a service runs on, where it is promoted if it is promotable."""
        found = next(each for each in self.status()["services"] if each["id"] == service)
        return str(found["placements"][0]["nodes"][0])

    def wait(self, what: str, condition: Any, timeout: float, node: str = "controller01") -> State:
        """Wait until the status of a node fulfills a condition, and return this status."""
        end = time.monotonic() + timeout
        while True:
            state = self.status(node)
            if condition(state):
                return state
            if time.monotonic() > end:
                raise AssertionError(f"timed out after {timeout:g} s: {what}\n{describe(state)}")
            time.sleep(0.5)

    def reset(self) -> None:
        """Restore nodes, configuration and services."""
        if not self.lab.is_complete():
            pcs_os("lab", "up", "--name", self.lab.name)
            self.lab.wait_online(150)
        self.succeed()
        for node in self.nodes:
            self.install_agent(node)
        command = ["cibadmin", "--replace", "--scope", "configuration", "--xml-pipe"]
        self.lab.node("controller01").run(command, input=self._configuration)
        self.sh("crm_resource --refresh --force; stonith_admin --cleanup --history '*'")
        self.wait("all is well after the reset", lambda state: not problems(state), 150)


def problems(state: State) -> list[State]:
    """Return the critical findings and the warnings; without a status, that is one."""
    if state.get("error"):
        return [state]
    return [each for each in state["findings"] if each["severity"] != "notice"]


def describe(state: State) -> str:
    """Return the findings and the states of services as text."""
    lines = [state.get("error", "")]
    for each in state["findings"]:
        lines.append(
            " | ".join(str(each[key]) for key in ("severity", "code", "subject", "text", "reason", "advice"))
        )
        lines.append(f"    {each['lines']} {shlex.join(each['command'])} on {each['node']}")
    lines += [f"{each['id']}: {each.get('state')} {each['placements']}" for each in state["services"]]
    return "\n".join(lines)
