"""Parts that service definitions share, and parts of services that are large enough for a module."""
