"""Rollout order: which services, and which parts of them, a phase can configure. No I/O."""
