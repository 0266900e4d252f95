"""A cluster of containers with faults on demand."""
