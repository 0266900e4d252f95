"""Checks of a configuration that conforms to the schema."""
