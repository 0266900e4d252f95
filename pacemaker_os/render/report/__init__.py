"""A cluster on one page, for a browser: `page` makes it, `campaign` reads the figures of fault campaigns."""
