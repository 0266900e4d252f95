"""The effects of changes on running services, and their causes."""
