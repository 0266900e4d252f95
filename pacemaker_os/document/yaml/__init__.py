"""YAML text to a tree with positions, and plain values to YAML text."""
