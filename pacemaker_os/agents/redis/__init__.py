"""The redis agent: decide (who may be promoted), server (speaking RESP), agent (the actions)."""
