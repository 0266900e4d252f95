"""The status of a cluster as values: what runs where, what failed, overrides, drift, and what to do next.

Pure: it takes what Pacemaker's tools printed and returns values. `cluster/observe` reads and watches.
"""
