"""The openstack-service agent: decide (from findings to a verdict), connections (who a process talks to),
unit (systemd's word), agent (the actions)."""
