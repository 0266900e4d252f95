"""The redis agent.

decide    promotion scores             config    redis.conf
server    the Redis protocol           settings  the parameters
agent     the actions
"""
