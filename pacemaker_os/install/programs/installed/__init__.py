"""Programs that a deployment installs on hosts, where other programs run them.

Each file is copied verbatim and runs alone, with the host's python3 (3.9 or later). Service definitions name
them by `File.program`.
"""
