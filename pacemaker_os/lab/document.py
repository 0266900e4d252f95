"""The document of a lab: fencing devices and remote nodes."""

from __future__ import annotations

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.apply.apply import apply_plan
from pacemaker_os.cluster.apply.outcome import ApplyOptions
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.document import Source, read
from pacemaker_os.errors import LabError
from pacemaker_os.lab.fencing import PASSWORD_SCRIPT
from pacemaker_os.lab.shape import Lab, LabNode

#: Timeout for the cluster to start the devices and to connect to the remote nodes, in seconds.
_TIMEOUT = 120.0

_HEAD = """\
# Fencing in a lab: a power switch for each node.
name: lab

properties:
  stonith-enabled: true
  # After a power loss, elect a DC sooner than after the default of 20 s.
  dc-deadtime: 5s

resources:
"""

_DEVICE = """\
  fence-{node}:
    agent: stonith:fence_redfish
    params:
      ip: {switches}
      username: fence
      password_script: {script}
      systems_uri: /redfish/v1/Systems/{node}
      ssl_secure: 1
      pcmk_host_list: {node}
    monitor: 60s
"""

# A fenced remote node restarts within seconds; by default, Pacemaker reconnects to it only after 60 s.
_REMOTE = """\
  {node}:
    agent: ocf:pacemaker:remote
    params: {{server: {address}, reconnect_interval: 5s}}
    monitor: 10s
"""


def lab_document(lab: Lab) -> str:
    """Return the document of a lab."""
    return "".join(
        [_HEAD, *(_device(lab, node) for node in lab.nodes), *(_remote(node) for node in lab.remote_nodes)]
    )


def apply_document(lab: Lab) -> bool:
    """Apply the document of a lab to its cluster; return whether there were changes."""
    document = read([Source("lab.cib.yaml", lab_document(lab))])
    cluster = connect(Target(container=lab.cluster_nodes[0].container))
    prepared = prepare(cluster, document.cib, name=document.name)
    if prepared.plan.is_empty:
        return False
    outcome = apply_plan(cluster, prepared, ApplyOptions(timeout=_TIMEOUT), lambda event: None)
    if not outcome.succeeded:
        pending = "; ".join(outcome.remaining) or "see `crm_mon -1` on a node"
        raise LabError(f"cannot start fencing of lab '{lab.name}': {pending}", code="fencing")
    return True


def _device(lab: Lab, node: LabNode) -> str:
    return _DEVICE.format(node=node.name, switches=lab.bmc.address, script=PASSWORD_SCRIPT)


def _remote(node: LabNode) -> str:
    return _REMOTE.format(node=node.name, address=node.address)
