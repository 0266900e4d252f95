"""Applies that signals and power losses interrupt, and what the history and the rollback make of them."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from apply_site import dummy
from lab_handle import LabHandle, pcs_os, wait_until

SIGNALS = (signal.SIGKILL, signal.SIGHUP, signal.SIGTERM, signal.SIGINT)

#: States of a written apply in the history, and of one that was not written.
WRITTEN = {"done", "failed", "interrupted", "unfinished", "stopped", "rolled-back"}
NOT_WRITTEN = {"not-written"}

#: The message of an apply that was written.
WAS_WRITTEN = re.compile(r"apply \S+ was written")

#: The id of an apply.
ID = re.compile(r"\d{8}T\d{6}\.\d{3}-\d+\.\d+-[0-9a-f]{6}")


@dataclass
class Campaign:
    """A document on a lab that changes at random, and applies that are interrupted at random moments.

    `found` counts the rounds by their result, `wrong` describes what must not happen.
    """

    lab: LabHandle
    directory: Path
    seed: int
    found: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.document = self.directory / "interrupted.cib.yaml"
        self.output = self.directory / "output"
        self.longest = 6.0
        self.number = 0
        self.ids: set[str] = set()

    def begin(self) -> None:
        """Apply the first version, and measure how long an apply takes."""
        self.write()
        begin = time.monotonic()
        pcs_os("apply", "--yes", *self.where("controller01"), str(self.document))
        self.longest = time.monotonic() - begin
        self.ids = {record["id"] for record in self.history("controller01")}

    def end(self) -> None:
        """Remove what the campaign applied."""
        self.document.write_text(json.dumps({"name": "interrupted", "resources": {}}))
        pcs_os("apply", "--yes", *self.where("controller01"), str(self.document), ok=(0, 1))

    def where(self, node: str) -> tuple[str, str]:
        return "--container", f"{self.lab.name}-{node}"

    def write(self) -> None:
        """Write a random version of the document. Ordered resources come and go: some applies write twice."""
        self.number += 1
        names = [f"r{number}" for number in range(6)]
        kept = [name for name in names[2:] if self.chance.random() < 0.6]
        resources = {name: dummy(str(self.number)) for name in (*names[:2], *kept)}
        order = [f"{one} then {two}" for one, two in pairwise(kept)]
        content = {"name": "interrupted", "resources": resources, "order": order}
        self.document.write_text(json.dumps(content))

    def configuration(self, node: str) -> bytes:
        return self.lab.node(node).run(["cibadmin", "--query", "--scope", "configuration"]).stdout

    def history(self, node: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(pcs_os("history", "--json", *self.where(node)).stdout)
        return found

    def start(self, node: str, *options: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", *self.where(node), *options]
        with self.output.open("wb") as output:
            return subprocess.Popen([*line, str(self.document)], stdout=output, stderr=subprocess.STDOUT)

    def signal_round(self) -> None:
        """Interrupt an apply by a signal, and roll back what it wrote."""
        node = self.chance.choice(["controller01", "controller02", "controller03"])
        number = self.chance.choice(SIGNALS)
        options = self.chance.choice([(), (), ("--rollback-on-failure",), ("--no-wait",)])
        self.write()
        before, ids = self.configuration(node), self.ids
        child = self.start(node, *options)
        # The signal must arrive at a random moment.
        time.sleep(self.chance.uniform(0.1, min(5.0, 0.7 * self.longest)))
        running = child.poll() is None
        child.send_signal(number)
        child.wait(timeout=300)
        name = signal.Signals(number).name if running else "ended before the signal"
        rolls_back = "--rollback-on-failure" in options and number != signal.SIGKILL and running
        self.check(node, before, ids, name, rolls_back=rolls_back)

    def power_loss_round(self) -> None:
        """Power off a node during an apply, and look at the result through another node."""
        node, other = self.chance.sample(["controller01", "controller02", "controller03"], 2)
        failed = node if self.chance.random() < 0.7 else other
        seen_by = other if failed == node else node
        self.write()
        before, ids = self.configuration(node), self.ids
        # The command that cuts the power needs seconds itself.
        delay = self.chance.uniform(-3.0, 0.5 * self.longest)
        with ThreadPoolExecutor() as pool:
            cut = pool.submit(self.power_off, failed, max(0.0, delay))
            time.sleep(max(0.0, -delay))
            child = self.start(node)
            cut.result()
        try:
            child.wait(timeout=300)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"round {self.number}: the apply did not end")
            child.kill()
            child.wait()
        wait_until(f"{seen_by} has quorum", lambda: len(self.lab.online(seen_by)) >= 2)
        kind = "power loss of the connected node" if failed == node else "power loss of another node"
        self.check(seen_by, before, ids, kind, rolls_back=False)
        # The cluster fences the node, which powers it on, while the lab may do the same.
        pcs_os("lab", "up", "--name", self.lab.name, ok=(0, 1))
        self.lab.wait_online(180)
        # The node that returns must not bring an older or newer configuration.
        after = {self.configuration(each) for each in self.lab.members}
        if after != {before}:
            self.fail("the configuration changed when the node returned")

    def power_off(self, node: str, delay: float) -> None:
        time.sleep(delay)
        self.lab.fault("power-loss", node)

    def check(self, node: str, before: bytes, ids: set[str], kind: str, *, rolls_back: bool) -> None:
        """Compare the CIB, the history and the output; then roll back."""
        output = self.output.read_text(errors="replace")
        after, records = self.configuration(node), self.history(node)
        self.ids = {record["id"] for record in records}
        new = [record for record in records if record["id"] not in ids]
        applied = [record for record in new if not _is_reversal(record)]
        states = [record["state"] for record in applied]
        self.found[f"{kind}: {', '.join(states) or 'no record'}"] += 1
        if records and any(record["unrecorded_since"] for record in records):
            self.fail("the history lists changes that no apply made")
        if len(applied) > 1:
            self.fail(f"{len(applied)} records of one apply")
        # The signal may come when nothing is left to do.
        rolls_back = rolls_back and "Done:" not in output
        if rolls_back or (applied and states[0] == "rolled-back"):
            if after != before:
                self.fail("the change was not rolled back")
        elif after != before:
            self.check_written(node, before, output, applied)
        elif not set(states) <= NOT_WRITTEN:
            self.fail(f"not written, but in the history as {states}")
        elif WAS_WRITTEN.search(output):
            self.fail("the output says that the change was written")
        else:
            self.check_older(node, before)

    def check_written(self, node: str, before: bytes, output: str, applied: Sequence[dict[str, Any]]) -> None:
        """Roll back a written apply: exactly it, by the printed command or by a plain rollback."""
        if not applied or applied[0]["state"] not in WRITTEN:
            self.fail(f"written, but in the history as {[record['state'] for record in applied]}")
            return
        identifier = applied[0]["id"]
        printed = ID.findall(output)
        if printed and identifier not in printed:
            self.fail("the output names another apply")
        named = [identifier] if self.chance.random() < 0.3 else []
        done = pcs_os("rollback", "--yes", "--no-wait", *self.where(node), *named, ok=(0, 1, 3))
        if done.returncode != 0 or self.configuration(node) != before:
            self.fail(f"rollback: {done.returncode} {done.stderr}, or other bytes than before")

    def check_older(self, node: str, before: bytes) -> None:
        """Roll back the previous apply and make it again. The newest one was not written."""
        if self.chance.random() < 0.7:
            return
        done = pcs_os("rollback", "--yes", "--no-wait", *self.where(node), ok=(0, 1, 3))
        again = pcs_os("rollback", "--redo", "--yes", "--no-wait", *self.where(node), ok=(0, 1, 3))
        if (done.returncode, again.returncode) != (0, 0) or self.configuration(node) != before:
            self.fail(f"rollback and redo: {done.stderr} {again.stderr}, or other bytes than before")

    def fail(self, text: str) -> None:
        output = self.output.read_text(errors="replace")[-2000:]
        self.wrong.append(f"seed {self.seed}, round {self.number}: {text}\n{output}")


def _is_reversal(record: dict[str, Any]) -> bool:
    return bool(record["reverts"] or record["redoes"])
