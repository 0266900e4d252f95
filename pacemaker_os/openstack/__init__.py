"""Service definitions, and the desired state of hosts, cloud and cluster that is rendered from them. Pure."""
