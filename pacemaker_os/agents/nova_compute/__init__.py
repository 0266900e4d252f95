"""The agent of nova-compute on a compute node, which does not start it while the node is being evacuated."""
