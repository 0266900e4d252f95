"""The memcached agent."""
