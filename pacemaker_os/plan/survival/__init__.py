"""The impact of node failures on services."""
