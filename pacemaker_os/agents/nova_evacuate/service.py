"""The process that the agent starts: the engine, again and again, until it is killed.

It can be killed at any moment and needs no good-bye: everything that must not be lost is in the cluster
and in Nova. It reads its settings anew when they are written anew.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from contextlib import suppress

from pacemaker_os.agents.nova_evacuate import launch, settings
from pacemaker_os.agents.nova_evacuate.decide.states import State
from pacemaker_os.agents.nova_evacuate.engine.engine import Engine
from pacemaker_os.agents.nova_evacuate.nova import credentials
from pacemaker_os.agents.nova_evacuate.nova.client import Nova
from pacemaker_os.agents.nova_evacuate.nova.session import Session
from pacemaker_os.agents.nova_evacuate.report import Report, metrics
from pacemaker_os.agents.nova_evacuate.requests import Requests, ask
from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Worker:
    """The engine with its settings, and what it writes for others."""

    def __init__(self, path: str, log: Log) -> None:
        self.path, self.log = path, log
        self.written: tuple[float | None, ...] = ()
        self.engine: Engine | None = None
        self.settings = settings.Settings()
        self.requested = self.reenabled = 0
        self.said: dict[str, str] = {}
        self.told: str | None = None

    def prepare(self) -> Engine:
        """The engine for the settings as they are now. Raises Failure."""
        written = (
            files.modification_time(self.path),
            files.modification_time(self.settings.credentials_file),
        )
        if self.engine is None or written != self.written:
            self.settings = settings.read(self.path)
            self.settings.policy()
            session = Session(credentials.read(self.settings.credentials_file))
            if self.engine is None:
                self.engine = Engine(Nova(session), Requests(ask), self.settings)
            self.engine.settings, self.engine.nova.session = self.settings, session
            self.written = (
                files.modification_time(self.path),
                files.modification_time(self.settings.credentials_file),
            )
        return self.engine

    def look(self) -> Report:
        """One look, written down for the agent, for people and for Prometheus."""
        try:
            report = self.prepare().look()
        except Failure as failure:
            report = Report(errors=[failure.reason])
        except Exception as error:  # whatever Nova may answer one day, the next node must be cared for
            report = Report(errors=[f"unexpected {type(error).__name__}: {error}"])
            for line in traceback.format_exc().splitlines():
                self.log.error(line)
        self.requested += len(report.requested)
        self.reenabled += len(report.reenabled)
        self.tell(report)
        self.publish(report)
        return report

    def publish(self, report: Report) -> None:
        """Write the status and the metrics, and tell other nodes what only this process knows."""
        now = time.time()
        if self.settings.status:
            files.write(f"{self.settings.status}.json", json.dumps(report.to_json()), mode=0o640)
            files.write(self.settings.status, f"{report.summary()}\n", mode=0o640)
        words = report.to_engine_report()
        if self.engine and words != self.told:
            with suppress(Failure):  # a cluster that does not answer; told at the next look
                self.engine.requests.tell(words)
                self.told = words
        if self.settings.metrics_file:
            text = metrics(report, requested=self.requested, reenabled=self.reenabled, now=now)
            files.write(self.settings.metrics_file, text, mode=0o644)

    def tell(self, report: Report) -> None:
        """Write to the log what is new."""
        now: dict[str, str] = {}
        for host in report.hosts:
            counts: dict[str, int] = {}
            for instance in host.instances:
                counts[instance.state] = counts.get(instance.state, 0) + 1
                if instance.reason and instance.state not in (State.IN_PROGRESS, State.EVACUATED):
                    now[instance.id] = f"{instance.name}: {instance.state}: {instance.reason}"
            words = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
            now[host.node] = f"{host.node}: {words or 'no instances'}{'; ' + host.note if host.note else ''}"
        now |= {f"returned {host}": f"{host} is given back to Nova" for host in report.reenabled}
        now |= {f"waiting {host}": f"{host}: {why}" for host, why in report.waiting.items()}
        now |= {f"restarted {uuid}": f"{uuid} is started again" for uuid in report.restarted}
        now |= {error: error for error in report.errors}
        for key, text in now.items():
            if self.said.get(key) != text:
                (self.log.warning if key in report.errors else self.log.info)(text)
        self.said = now


def main(arguments: Sequence[str]) -> None:
    """Work with the settings in the file that the first argument names, as the instance in the second."""
    worker = Worker(arguments[0], Log("nova-evacuate", arguments[1]))
    # It is up before its first look: while Nova does not answer, a look takes long.
    files.write(settings.read(arguments[0]).status, "ok\n", mode=0o640)
    own = launch.own_code()
    while True:
        worker.look()
        if worker.settings.code not in ("", own):
            worker.log.info("other code is installed: beginning anew with it")
            launch.reexec(worker.settings.code, *arguments)
        time.sleep(worker.settings.every)


if __name__ == "__main__":
    main(sys.argv[1:])
