"""A cluster for people: `screen` lays one look out, `watch` shows it live, `commands` says what to run."""
