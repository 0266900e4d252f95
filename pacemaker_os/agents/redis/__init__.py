"""The redis agent: decide (who may be promoted), config (redis.conf), server (speaking RESP),
settings (the parameters), agent (the actions)."""
