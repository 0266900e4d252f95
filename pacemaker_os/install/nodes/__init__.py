"""Access to nodes: command logs, and programs that run there."""
