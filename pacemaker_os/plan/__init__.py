"""Plans as data: configuration changes, their predicted effects, and the impact of node failures. Pure."""
