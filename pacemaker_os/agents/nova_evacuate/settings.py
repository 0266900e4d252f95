"""The parameters of the agent as the engine reads them, from a file that the agent writes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from pacemaker_os.agents.nova_evacuate.decide import policy
from pacemaker_os.agents.nova_evacuate.decide.states import Limits
from pacemaker_os.agents.nova_evacuate.nova import credentials
from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of the nova-evacuate agent; times are in seconds.

    `status` is the status file of the engine, `code` the release that it must run (nova_evacuate.launch).
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
        """Return the rules for instances. Raises Failure for an invalid rule."""
        return policy.Policy(
            policy.rules(self.include),
            policy.rules(self.exclude),
            policy.rules(self.rebuild_local_disks),
            self.shared_storage,
            self.priority,
        )

    def limits(self) -> Limits:
        """Return the timeouts and limits of the decisions."""
        return Limits(
            grace_period=self.request_grace_period,
            evacuation_timeout=self.evacuation_timeout,
            max_attempts=self.max_attempts,
            max_attempts_at_home=self.max_attempts,
            backoff=self.backoff,
            capacity_timeout=self.capacity_timeout,
        )

    def reserves(self) -> tuple[str, ...]:
        """Return the reserved hosts."""
        return tuple(self.reserved_hosts.split())

    def names(self, node: str) -> tuple[str, ...]:
        """Return the host names that Nova may use for a cluster node."""
        return (node, f"{node}.{self.domain}") if self.domain else (node,)


def write(path: str, settings: Settings, former_names: Mapping[str, str] | None = None) -> None:
    """Write the file. It contains the path of the credentials file, but no secret.

    Values of renamed parameters are also written under their `former_names`, for an engine of an earlier
    release.
    """
    values = asdict(settings)
    former = {old: values[name] for name, old in (former_names or {}).items() if name in values}
    files.write(path, json.dumps(values | former, indent=1) + "\n")


def read(path: str) -> Settings:
    """Read the file. Raises Failure."""
    text = files.read(path)
    try:
        values = json.loads(text or "")
    except ValueError:
        raise Failure(f"{path} does not contain valid settings") from None
    known = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in values.items() if name in known})
