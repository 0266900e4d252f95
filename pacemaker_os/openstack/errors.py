"""Errors in the definition of a cloud."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.text import did_you_mean


class CloudError(PacemakerOsError):
    """The cloud cannot be built from the service definitions."""

    code = "catalogue"


def unknown(kind: str, name: str, known: Iterable[str]) -> CloudError:
    """Return the error for an unknown name, with the closest known name or else all of them."""
    names = sorted(known)
    remedy = did_you_mean(name, names) or f"; known: {', '.join(names)}"
    return CloudError(f"unknown {kind} '{name}'{remedy}", code=f"unknown-{kind}")
