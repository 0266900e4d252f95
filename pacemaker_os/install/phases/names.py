"""The phases of a deployment, in order. Importing this module is cheap."""

from __future__ import annotations

PHASES = (
    "connect",
    "prepare",
    "cluster",
    "front",
    "infrastructure",
    "controllers",
    "network",
    "compute",
    "restart",
)
