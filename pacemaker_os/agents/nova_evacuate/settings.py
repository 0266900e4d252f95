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

    credentials: str = credentials.DEFAULT
    domain: str = ""
    include: str = ""
    exclude: str = "name:amphora-*"
    rebuild: str = ""
    shared_storage: bool = False
    priority: str = "evacuation-priority"
    at_once: int = 20
    threshold: int = 50
    delay: float = 0.0
    settle: float = 60.0
    stuck: float = 600.0
    attempts: int = 5
    backoff: float = 10.0
    patience: float = 600.0
    reserved_hosts: str = ""
    reenable: bool = True
    process_patience: float = 120.0
    restarts: int = 3
    every: float = 2.0
    metrics: str = ""
    status: str = ""
    code: str = ""

    def policy(self) -> policy.Policy:
        """Who may be evacuated. Raises Failure for a rule that is none."""
        return policy.Policy(
            policy.rules(self.include),
            policy.rules(self.exclude),
            policy.rules(self.rebuild),
            self.shared_storage,
            self.priority,
        )

    def limits(self) -> Limits:
        """How patient the engine is."""
        return Limits(
            settle=self.settle,
            stuck=self.stuck,
            attempts=self.attempts,
            home=self.attempts,
            backoff=self.backoff,
            patience=self.patience,
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
