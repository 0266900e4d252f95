"""The mongodb agent: bson (MongoDB's documents), wire (its protocol), decide, agent (the actions).

Debian has no MongoDB package, so the agent is tested with a stand-in that implements the protocol. Check the
first cluster with a real MongoDB carefully.
"""
