"""The rabbitmq agent: store (what lies on a node's disk), decide (boot, create, join or wait; partitions),
broker (the process, the AMQP greeting, rabbitmqctl), settings (the parameters), agent (the actions)."""
