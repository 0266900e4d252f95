"""The CIB of a cluster and what is stored next to it: read, compare-and-swap push, history, secrets."""
