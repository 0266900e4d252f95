"""Restarts of services that use an outdated configuration."""
