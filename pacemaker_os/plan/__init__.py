"""What a change writes and what it does: operations, effects, guards, ownership, resilience. Pure."""
