"""Parse and format one-line forms: `vip with haproxy (100)`, `osprole eq controller and cpu gt 4`."""
