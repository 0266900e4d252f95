"""cluster.cib.yaml: read with line numbers, written with care, described by a JSON Schema. Pure."""
