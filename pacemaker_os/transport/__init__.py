"""Where a command runs: this machine, a container, a host behind ssh, or a script of expectations.

One small protocol (`Transport` in base.py) and an implementation a file. A command is a list of
arguments, never a shell string; a secret is never among them.
"""
