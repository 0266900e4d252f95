"""Checks of configurations that conform to the schema."""
