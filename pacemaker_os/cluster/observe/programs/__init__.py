"""Programs that run on cluster nodes to gather facts. They use only the standard library and change nothing.

`node_program.py` sends the modules of this package on standard input; `node_facts.main` prints the response.
"""
