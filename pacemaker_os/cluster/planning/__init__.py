"""Planning and simulating changes to a cluster; nothing here writes to it."""
