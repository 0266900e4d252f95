"""The OCF agents: galera, rabbitmq, redis, nova_evacuate and others. Standard library alone."""
