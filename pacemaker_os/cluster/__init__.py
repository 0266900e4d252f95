"""One cluster: query, simulate, push, wait, history; adapters over Pacemaker's own tools and over pcs."""
