"""Inputs of a deployment: the topology file, the secrets file, and the nodes that they name."""
