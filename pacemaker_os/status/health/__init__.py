"""What the nodes of a cluster report about themselves."""
