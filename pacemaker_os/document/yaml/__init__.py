"""Parse YAML into a tree with positions, and emit plain values as YAML."""
