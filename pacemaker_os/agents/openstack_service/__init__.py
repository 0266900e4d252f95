"""The openstack-service agent: decide (from findings to a verdict), unit (systemd's word),
agent (the actions)."""
