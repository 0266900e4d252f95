"""The process of the evacuation engine, which runs poll cycles until it is killed.

It can be killed at any time without preparation: all durable state is in the CIB and in Nova. It rereads its
settings when they change.
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
from pacemaker_os.agents.nova_evacuate.requests import Requests, run_program
from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class EngineProcess:
    """The engine with its settings and its output files."""

    def __init__(self, path: str, log: Log) -> None:
        self.path, self.log = path, log
        self.written: tuple[float | None, ...] = ()
        self.engine: Engine | None = None
        self.settings = settings.Settings()
        self.requested = self.reenabled = 0
        self.logged: dict[str, str] = {}
        self.published: str | None = None

    def prepare(self) -> Engine:
        """Return the engine with the current settings. Raises Failure."""
        written = (
            files.modification_time(self.path),
            files.modification_time(self.settings.credentials_file),
        )
        if self.engine is None or written != self.written:
            self.settings = settings.read(self.path)
            self.settings.policy()
            session = Session(credentials.read(self.settings.credentials_file))
            if self.engine is None:
                self.engine = Engine(Nova(session), Requests(run_program), self.settings)
            self.engine.settings, self.engine.nova.session = self.settings, session
            self.written = (
                files.modification_time(self.path),
                files.modification_time(self.settings.credentials_file),
            )
        return self.engine

    def poll(self) -> Report:
        """Run a poll cycle and publish its report."""
        try:
            report = self.prepare().poll()
        except Failure as failure:
            report = Report(errors=[failure.reason])
        except Exception as error:  # a response that breaks one cycle must not end the engine
            report = Report(errors=[f"unexpected {type(error).__name__}: {error}"])
            for line in traceback.format_exc().splitlines():
                self.log.error(line)
        self.requested += len(report.requested)
        self.reenabled += len(report.reenabled)
        self.log_changes(report)
        self.publish(report)
        return report

    def publish(self, report: Report) -> None:
        """Write the status file and the metrics, and publish the engine report."""
        now = time.time()
        if self.settings.status:
            files.write(f"{self.settings.status}.json", json.dumps(report.to_json()), mode=0o640)
            files.write(self.settings.status, f"{report.summary()}\n", mode=0o640)
        engine_report = report.to_engine_report()
        if self.engine and engine_report != self.published:
            with suppress(Failure):  # Pacemaker does not respond; the next poll cycle retries
                self.engine.requests.publish_engine_report(engine_report)
                self.published = engine_report
        if self.settings.metrics_file:
            text = metrics(report, requested=self.requested, reenabled=self.reenabled, now=now)
            files.write(self.settings.metrics_file, text, mode=0o644)

    def log_changes(self, report: Report) -> None:
        """Log what has changed since the last poll cycle."""
        now: dict[str, str] = {}
        for host in report.hosts:
            counts: dict[str, int] = {}
            for instance in host.instances:
                counts[instance.state] = counts.get(instance.state, 0) + 1
                if instance.reason and instance.state not in (State.IN_PROGRESS, State.EVACUATED):
                    now[instance.id] = f"{instance.name}: {instance.state}: {instance.reason}"
            summary = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
            now[host.node] = (
                f"{host.node}: {summary or 'no instances'}{'; ' + host.note if host.note else ''}"
            )
        now |= {
            f"returned {host}": f"{host}: compute service restored to its previous state"
            for host in report.reenabled
        }
        now |= {f"waiting {host}": f"{host}: {why}" for host, why in report.waiting.items()}
        now |= {f"restarted {uuid}": f"{uuid}: restarted" for uuid in report.restarted}
        now |= {error: error for error in report.errors}
        for key, text in now.items():
            if self.logged.get(key) != text:
                (self.log.warning if key in report.errors else self.log.info)(text)
        self.logged = now


def main(arguments: Sequence[str]) -> None:
    """Run the engine with a settings file (first argument) for a resource instance (second)."""
    process = EngineProcess(arguments[0], Log("nova-evacuate", arguments[1]))
    # The engine counts as started before its first poll cycle, which takes long while Nova does not respond.
    files.write(settings.read(arguments[0]).status, "ok\n", mode=0o640)
    own = launch.own_code()
    while True:
        process.poll()
        if process.settings.code not in ("", own):
            process.log.info("another release is installed; re-executing the engine with it")
            launch.reexec(process.settings.code, *arguments)
        time.sleep(process.settings.every)


if __name__ == "__main__":
    main(sys.argv[1:])
