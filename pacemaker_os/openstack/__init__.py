"""The catalogue: one module a service, saying what it is. Pure."""
