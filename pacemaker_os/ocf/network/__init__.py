"""Connections to servers: addresses, streams, and HTTP."""
