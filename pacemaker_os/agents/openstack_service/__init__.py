"""The openstack-service agent.

decide   from failed checks to the result of a monitor
unit     the systemd unit
agent    the actions
"""
