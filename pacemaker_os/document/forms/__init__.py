"""Decode and encode each kind of object."""
