"""Read and watch the status of a cluster."""
