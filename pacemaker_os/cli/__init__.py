"""The command pcs-os: one command a file; heavy imports stand inside functions."""
