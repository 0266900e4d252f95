"""Transports run commands on this machine, in a container, over SSH, or in a scripted fake for tests.

`Transport` in base.py is the protocol; each implementation has its own module. A command is a list of
arguments, never a shell string, and contains no secrets.
"""
