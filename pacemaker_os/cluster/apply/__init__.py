"""Applying a plan: push, wait until the cluster settles, verify, and roll back."""
