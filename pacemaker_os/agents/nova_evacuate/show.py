"""JSON output for `pcs-os instances`.

It runs on a controller, which has the credentials, and changes nothing.

python3 -m pacemaker_os.agents.nova_evacuate.show plan NODE python3 -m pacemaker_os.agents.nova_evacuate.show
status python3 -m pacemaker_os.agents.nova_evacuate.show history [NODE]
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict

from pacemaker_os.agents.nova_evacuate.agent import NovaEvacuate
from pacemaker_os.agents.nova_evacuate.engine.engine import Engine
from pacemaker_os.agents.nova_evacuate.nova import credentials, forced_down
from pacemaker_os.agents.nova_evacuate.nova.client import Nova
from pacemaker_os.agents.nova_evacuate.nova.session import Session
from pacemaker_os.agents.nova_evacuate.plan import plan_evacuation
from pacemaker_os.agents.nova_evacuate.requests import Requests, run_program
from pacemaker_os.ocf.codes import ARGS, Failure
from pacemaker_os.ocf.operation import PREFIX, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pacemaker_os.agents.nova_evacuate.nova.values import Service
    from pacemaker_os.agents.nova_evacuate.settings import Settings


class ReadOnlyNova(Nova):
    """A client that ignores every change that the engine requests."""

    def set_service(self, service: Service, **changes: object) -> None:
        return

    def _act(self, uuid: str, action: str, argument: object = None) -> None:
        return


class ReadOnlyRequests(Requests):
    """The evacuation requests of the cluster, without changing them."""

    def close(self, node: str) -> None:
        return


class ReadOnlyEngine:
    """An engine without side effects, with the parameters of the cluster's nova-evacuate resource."""

    def __init__(self) -> None:
        self.requests = ReadOnlyRequests(run_program)
        environ = {
            PREFIX + name: value for name, value in self.requests.parameters(NovaEvacuate.name).items()
        }
        self.settings: Settings = NovaEvacuate(Operation("monitor", environ)).settings()
        self.nova = ReadOnlyNova(Session(credentials.read(self.settings.credentials_file)))

    def plan(self, node: str) -> Any:
        """Return the predicted outcome for each instance if the node failed now."""
        return asdict(plan_evacuation(self.nova, self.settings, node, self.requests.open(), time.monotonic))

    def status(self) -> Any:
        """Return the states of instances of failed nodes, and of the compute services."""
        report = Engine(self.nova, self.requests, self.settings).poll()
        report.merge_engine_report(self.requests.engine_reports())
        opened = {name for node in self.requests.open() for name in self.settings.names(node)}
        services = [
            asdict(each)
            | {
                "being_evacuated": each.host in opened,
                "fenced": forced_down.own(each) is not None and each.forced_down,
            }
            for each in self.nova.services()
        ]
        return report.to_json() | {"services": services}

    def history(self, node: str = "") -> Any:
        """Return Nova's records of evacuations, newest first."""
        names = self.settings.names(node)
        found = self.nova.evacuations()
        return [asdict(each) for each in reversed(found) if not node or each.source in names]


#: The subcommands, and the number of arguments that each takes.
SHOWS: dict[str, tuple[Callable[..., Any], range]] = {
    "plan": (ReadOnlyEngine.plan, range(1, 2)),
    "status": (ReadOnlyEngine.status, range(1)),
    "history": (ReadOnlyEngine.history, range(2)),
}


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand. If it fails, the output is an `error` and the exit status is 1."""
    try:
        show, counts = SHOWS.get(arguments[0] if arguments else "", (None, range(0)))
        if show is None or len(arguments) - 1 not in counts:
            raise Failure(f"unknown subcommand; use one of: {', '.join(SHOWS)}", ARGS)
        result = show(ReadOnlyEngine(), *arguments[1:])
    except Failure as failure:
        print(json.dumps({"error": failure.reason}))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
