"""Views of a running apply: `progress` for the terminal, `events` as JSON lines."""
