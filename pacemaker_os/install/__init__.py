"""Nodes taken through phases: facts, steps, concurrency, resume, progress."""
