"""The rabbitmq agent.

store     the data directory of a broker    decide    next steps, and partitions
broker    the process and rabbitmqctl       settings  the parameters
agent     the actions
"""
