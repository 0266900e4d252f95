"""Decisions about instances of fenced nodes. Pure."""
