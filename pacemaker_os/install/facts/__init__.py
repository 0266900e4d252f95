"""Facts: the actual state of hosts."""
