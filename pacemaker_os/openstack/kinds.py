"""What settings take that are no choice of words: numbers, addresses, paths and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: what it is called, and what tells whether a text is one (false or ValueError: not)."""

    name: str
    reads: Callable[[str], object]

    def has(self, text: str) -> bool:
        """Whether a text is of this kind."""
        try:
            return bool(self.reads(text))
        except ValueError:
            return False


def number(name: str, least: int, most: int | None = None) -> Kind:
    """Whole numbers from `least` to `most`, or without end."""

    def between(text: str) -> bool:
        digits = re.fullmatch(r"-?[0-9]+", text) is not None
        return digits and least <= int(text) and (most is None or int(text) <= most)

    return Kind(f"{name}, {least} {f'to {most}' if most is not None else 'or more'}", between)


def _pattern(expression: str) -> Callable[[str], object]:
    """What a whole text has to look like."""
    return partial(re.fullmatch, expression)


def _in_order(text: str) -> bool:
    """Whether a text is two addresses of which the first is not after the second."""
    first, last = map(ip_address, text.split("-"))
    return first.version == last.version and int(first) <= int(last)


ADDRESS = Kind("an address", ip_address)
ADDRESSES = Kind("two addresses like 203.0.113.100-203.0.113.200", _in_order)
CAPABILITIES = Kind("capabilities like CAP_NET_ADMIN,CAP_SYS_ADMIN", _pattern(r"CAP_[A-Z_]+(,CAP_[A-Z_]+)*"))
CLASS = Kind("a module and its class", _pattern(r"\w+(\.\w+)+"))
HOSTS = Kind("names or addresses, with blanks", _pattern(r"[\w.:-]+( +[\w.:-]+)*"))
INTERFACE = Kind("an interface", _pattern(r"[^\s/]{1,15}"))
NAME = Kind("a name", _pattern(r"[\w.-]+"))
NETWORK = Kind("a network like 203.0.113.0/24", ip_network)
NFS_EXPORT = Kind("an NFS export like 192.0.2.5:/images", _pattern(r"[\w.:\[\]-]+:/\S*"))
PATH = Kind("a path from / on", _pattern(r"/\S*"))
SIZE = Kind("bytes, or with K, M or G", _pattern(r"\d+[KMG]?"))
TIME_ZONE = Kind("a time zone like Europe/Berlin", _pattern(r"\w+([/+-]\w+)*"))
