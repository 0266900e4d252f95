"""From nodes with packages to a running cluster, through pcs: create, add-node, remove-node, destroy.

Topology (what is wanted) -> NodeFacts (what is there) -> steps, each of which can be run again
"""
