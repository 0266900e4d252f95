"""Reading and watching the status of a cluster."""
