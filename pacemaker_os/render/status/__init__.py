"""The cluster status as text: `screen` prints it, `watch` refreshes it, `commands` adds commands."""
