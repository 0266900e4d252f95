"""What can be wrong with a cloud that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.text import did_you_mean


class CatalogueError(PacemakerOsError):
    """The cloud cannot be built from the catalogue."""

    code = "catalogue"


def unknown(what: str, name: str, known: Iterable[str]) -> CatalogueError:
    """The error that there is no such thing, with the nearest name or all of them."""
    names = sorted(known)
    remedy = did_you_mean(name, names) or f"; there are {', '.join(names)}"
    return CatalogueError(f"there is no {what} '{name}'{remedy}", code=f"unknown-{what}")
