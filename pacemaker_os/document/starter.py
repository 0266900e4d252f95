"""The commented document that `pcs-os init` creates."""

from __future__ import annotations

HEADER = "# yaml-language-server: $schema={schema}\n"

STARTER = """\
# The desired configuration of a cluster. pcs-os does not change anything that is not declared here.
#   pcs-os validate {file}    check this document
#   pcs-os plan {file}        show configuration changes and their predicted effect on services
#   pcs-os apply {file}       apply the changes
# `pcs-os schema -o schema.json` writes the JSON Schema that editors use for completion and validation.

# Owner of the objects in this document. Several documents can declare parts of one cluster.
name: {name}

# Default value of ${{vip}} below. Use --var vip=... or the environment to override it.
vars:
  vip: 192.0.2.10

properties:
  # Stop all resources in a partition without quorum, so that two partitions never run them twice.
  no-quorum-policy: stop

# Nodes, by name or range, with node attributes for use in rules.
nodes:
  node[1-3]: {{role: controller}}

defaults:
  # Score with which a running resource prefers its current node.
  resources: {{resource-stickiness: 100}}

resources:
  # Power fencing device of each node. Pacemaker starts no resources until fencing is configured. For a
  # first try without it, set the property `stonith-enabled: false`. Never do that in production.
  #power-node1:
  #  agent: stonith:fence_ipmilan
  #  params: {{ip: 192.0.2.21, username: admin, password: !secret ipmi, pcmk_host_list: node1}}
  #  monitor: 60s

  # Virtual IP address that moves between the nodes.
  vip:
    agent: ocf:heartbeat:IPaddr2
    params: {{ip: "${{vip}}", cidr_netmask: 24}}
    monitor: 10s
  # Service that runs on every node.
  haproxy:
    agent: systemd:haproxy
    monitor: 10s
    clone: {{interleave: true}}

order:
  - haproxy then vip
colocation:
  - vip with haproxy
location:
  - {{resources: "*", where: role eq controller, discovery: exclusive}}
"""


def starter_document(file: str, name: str) -> str:
    """Return a commented document named `name` for `file`."""
    return HEADER.format(schema="./schema.json") + STARTER.format(file=file, name=name)
