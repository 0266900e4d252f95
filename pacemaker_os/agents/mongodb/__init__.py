"""The mongodb agent: bson (MongoDB's documents), wire (its protocol), decide, agent (the actions).

Where no MongoDB can be installed (Debian has none) it is tested against a stand-in that speaks the
protocol; the first cluster with a real one deserves a close look.
"""
