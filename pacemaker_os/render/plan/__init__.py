"""Views of a plan: `text` for the terminal, `pcs` as pcs commands; the other modules are their parts."""
