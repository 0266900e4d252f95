"""Set up a cluster on nodes with installed packages, through pcs: create, add-node, remove-node, destroy.

Topology (the desired state) -> NodeFacts (the actual state) -> steps that can be run again
"""
