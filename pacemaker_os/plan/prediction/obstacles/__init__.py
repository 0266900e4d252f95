"""Obstacles: what keeps a resource stopped or unpromoted, and what resolves it.

`explain` is the entrance for plans and checks, `search` confirms obstacles by simulations without them. Each
other module finds the obstacles of one kind.
"""
