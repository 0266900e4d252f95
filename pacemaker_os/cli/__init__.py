"""The program pcs-os: one module per command. Heavy imports are inside functions, so that help is fast."""
