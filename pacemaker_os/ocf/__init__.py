"""The toolkit that the OCF agents are written with. It uses only the standard library.

agent       base class of an agent          run          every action, with its checks before and after
parameter   types of parameters             metadata     an agent's metadata as XML
action      an action in the metadata       operation    the operation that Pacemaker requests
codes       exit codes, and Failure         cluster      node attributes, promotion score, nodes
deadline    time left in an operation       daemon       a process that outlives its action
process     identity of processes, trees    command      run a program and return its output
http        query a health endpoint         stream       a connection with timeouts
files       small files, written atomically log          syslog and the exit reason
member      agent of a clustered service    steps        reports of its nodes, and next steps
testing     a scripted cluster for tests    conformance  conformance test of an executable
"""
