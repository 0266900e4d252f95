"""The second half of fencing a compute node: after its power is off, it is written down that it was.

fence       the actions, as Pacemaker's fencer asks for them
metadata    the XML that describes the agent
"""
