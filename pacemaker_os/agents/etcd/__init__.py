"""The etcd agent: decide (next steps) and agent (the actions)."""
