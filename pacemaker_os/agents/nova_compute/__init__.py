"""nova-compute on a compute node, kept away while the node's old instances are brought to safety."""
