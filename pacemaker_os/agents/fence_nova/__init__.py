"""The fence agent that records a fenced compute node, after a power fencing device has fenced it.

fence       the actions, as Pacemaker's fencer requests them
metadata    the metadata of the agent
"""
