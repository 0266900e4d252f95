"""The document that people start from."""

from __future__ import annotations

HEADER = "# yaml-language-server: $schema={schema}\n"

STARTER = """\
# Your cluster as a document. What is not said here is not touched on the cluster.
#   pcs-os validate {file}    whether it is right
#   pcs-os plan {file}        what would be written, and what would happen
#   pcs-os apply {file}       do it
# `pcs-os schema -o schema.json` writes the schema that editors complete and check from.

# Who owns what is said here; a cluster can be said in several documents.
name: {name}

# ${{vip}} below is this value, unless --var vip=... or the environment says otherwise.
vars:
  vip: 192.0.2.10

properties:
  # Without a majority of nodes, stop: two halves of a split cluster must not both run everything.
  no-quorum-policy: stop

# Nodes by name or by range, and attributes that rules can ask for.
nodes:
  node[1-3]: {{role: controller}}

defaults:
  # How much a resource prefers to stay where it is.
  resources: {{resource-stickiness: 100}}

resources:
  # The power of each node. Without fencing Pacemaker starts nothing: give your devices, or say
  # `stonith-enabled: false` among the properties while you try things out.
  #power-node1:
  #  agent: stonith:fence_ipmilan
  #  params: {{ip: 192.0.2.21, username: admin, password: !secret ipmi, pcmk_host_list: node1}}
  #  monitor: 60s

  # An address that moves between the nodes.
  vip:
    agent: ocf:heartbeat:IPaddr2
    params: {{ip: "${{vip}}", cidr_netmask: 24}}
    monitor: 10s
  # A service that runs on every node.
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
    """Return a first document with comments, to be changed by its reader."""
    return HEADER.format(schema="./schema.json") + STARTER.format(file=file, name=name)
