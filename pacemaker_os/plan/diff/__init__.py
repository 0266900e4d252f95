"""The changes between the live and the desired configuration."""
