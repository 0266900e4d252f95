"""Host changes: the difference between the desired and the actual state of a host. No I/O."""
