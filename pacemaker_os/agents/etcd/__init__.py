"""The etcd agent: decide (boot, create, join or wait), agent (the actions)."""
