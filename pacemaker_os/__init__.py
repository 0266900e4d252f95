"""High availability for OpenStack, built on Pacemaker: the cluster is a document.

The rooms and the walls between them are described in README.md. This module imports nothing, so
that an OCF agent's monitor, run hundreds of times a minute, pays for nothing that it does not use.
"""

__version__ = "0.1.0"
