"""The kit that OCF agents are written with. Standard library alone."""
