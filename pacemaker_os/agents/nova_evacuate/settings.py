"""What an operator says, as the engine reads it: a file that the agent writes, and writes again on reload."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from pacemaker_os.agents.nova_evacuate.decide import policy
from pacemaker_os.agents.nova_evacuate.decide.states import Limits
from pacemaker_os.agents.nova_evacuate.nova import credentials
from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import Failure


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of the agent nova-evacuate; times in seconds.

    `status` is the file that the engine writes, `code` what it shall run (nova_evacuate.launch).
    """

    credentials_file: str = credentials.DEFAULT
    domain: str = ""
    include: str = ""
    exclude: str = "name:amphora-*"
    rebuild_local_disks: str = ""
    shared_storage: bool = False
    priority: str = "evacuation-priority"
    max_concurrent: int = 20
    threshold: int = 50
    delay: float = 0.0
    request_grace_period: float = 60.0
    evacuation_timeout: float = 600.0
    max_attempts: int = 5
    backoff: float = 10.0
    capacity_timeout: float = 600.0
    reserved_hosts: str = ""
    reenable: bool = True
    service_down_timeout: float = 120.0
    max_restarts_per_hour: int = 3
    every: float = 2.0
    metrics_file: str = ""
    status: str = ""
    code: str = ""

    def policy(self) -> policy.Policy:
        """Who may be evacuated. Raises Failure for a rule that is none."""
        return policy.Policy(
            policy.rules(self.include),
            policy.rules(self.exclude),
            policy.rules(self.rebuild_local_disks),
            self.shared_storage,
            self.priority,
        )

    def limits(self) -> Limits:
        """How patient the engine is."""
        return Limits(
            grace_period=self.request_grace_period,
            evacuation_timeout=self.evacuation_timeout,
            max_attempts=self.max_attempts,
            max_attempts_at_home=self.max_attempts,
            backoff=self.backoff,
            capacity_timeout=self.capacity_timeout,
        )

    def reserves(self) -> tuple[str, ...]:
        """The hosts that are kept free for an evacuation."""
        return tuple(self.reserved_hosts.split())

    def names(self, node: str) -> tuple[str, ...]:
        """What Nova may call a node of the cluster."""
        return (node, f"{node}.{self.domain}") if self.domain else (node,)


def write(path: str, settings: Settings) -> None:
    """Write the file. It names the credentials' file and holds no secret."""
    files.write(path, json.dumps(asdict(settings), indent=1) + "\n")


def read(path: str) -> Settings:
    """Read the file. Raises Failure."""
    text = files.read(path)
    try:
        said = json.loads(text or "")
    except ValueError:
        raise Failure(f"{path} holds no settings") from None
    known = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in said.items() if name in known})
