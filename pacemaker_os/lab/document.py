"""The lab's own document: fencing on, a device for each node, and the remote nodes. Applied as any other."""

from __future__ import annotations

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.apply.apply import ApplyOptions, apply_plan
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.document import Source, read
from pacemaker_os.errors import LabError
from pacemaker_os.lab.fencing import PASSWORD_SCRIPT
from pacemaker_os.lab.shape import Lab, LabNode

#: Seconds that the cluster may take to start the devices and reach the remote nodes.
_TIMEOUT = 120.0

_HEAD = """\
# The fencing of a lab: a power switch for each node.
name: lab

properties:
  stonith-enabled: true
  # A lab that lost its power elects a DC sooner than after the usual 20 s.
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

# A fenced remote node is back in seconds; by default it would be asked again after 60 s.
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
    """Write the lab's document to its cluster, wait for it, and say whether there was anything to do."""
    document = read([Source("lab.cib.yaml", lab_document(lab))])
    cluster = connect(Target(container=lab.cluster_nodes[0].container))
    prepared = prepare(cluster, document.cib, name=document.name)
    if prepared.plan.is_empty:
        return False
    outcome = apply_plan(cluster, prepared, ApplyOptions(timeout=_TIMEOUT), lambda news: None)
    if not outcome.succeeded:
        left = "; ".join(outcome.remaining) or "see `crm_mon -1` on a node"
        raise LabError(f"the fencing of the lab '{lab.name}' does not start: {left}", code="fencing")
    return True


def _device(lab: Lab, node: LabNode) -> str:
    return _DEVICE.format(node=node.name, switches=lab.bmc.address, script=PASSWORD_SCRIPT)


def _remote(node: LabNode) -> str:
    return _REMOTE.format(node=node.name, address=node.address)
