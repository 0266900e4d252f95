"""The kit that OCF agents are written with. Standard library alone.

agent       what an agent is               run        what holds before and after every action
parameter   what a parameter may be        metadata   the XML that describes an agent
operation   what Pacemaker asks            codes      exit codes, and Failure
cluster     attributes, score, nodes       deadline   the time an operation has left
daemon      a process that stays           process    identity, process trees, ending one
command     a program run for its answer   http       a health page asked without a library
stream      a connection that has an end   files      small files, whole or not
member      an agent of a clustered service  steps  what its nodes tell, and what follows
log         syslog, and the exit reason
testing     worlds that are scripted       conformance  what every agent must answer
"""
