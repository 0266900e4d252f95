"""Types of setting values other than a fixed list of choices: numbers, addresses, paths and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address, ip_network

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of value: its name in messages, and a parser that is false or raises ValueError for others."""

    name: str
    parse: Callable[[str], object]

    def accepts(self, text: str) -> bool:
        """Return whether a text is a value of this type."""
        try:
            return bool(self.parse(text))
        except ValueError:
            return False


def number(name: str, least: int, most: int | None = None) -> ValueType:
    """Return the type of integers from `least` to `most`, or without an upper limit."""

    def between(text: str) -> bool:
        digits = re.fullmatch(r"-?[0-9]+", text) is not None
        return digits and least <= int(text) and (most is None or int(text) <= most)

    return ValueType(f"{name}, {least} {f'to {most}' if most is not None else 'or more'}", between)


def _pattern(expression: str) -> Callable[[str], object]:
    """Return a parser that accepts text that matches a regular expression completely."""
    return partial(re.fullmatch, expression)


def _ascending(text: str) -> bool:
    """Return whether a text is an address range whose first address is not above the last."""
    first, last = map(ip_address, text.split("-"))
    return first.version == last.version and int(first) <= int(last)


ADDRESS = ValueType("an IP address", ip_address)
ADDRESSES = ValueType("an address range like 203.0.113.100-203.0.113.200", _ascending)
CAPABILITIES = ValueType(
    "capabilities like CAP_NET_ADMIN,CAP_SYS_ADMIN", _pattern(r"CAP_[A-Z_]+(,CAP_[A-Z_]+)*")
)
CLASS = ValueType("a module and a class like libvirt.LibvirtDriver", _pattern(r"\w+(\.\w+)+"))
HOSTS = ValueType("host names or addresses, separated by spaces", _pattern(r"[\w.:-]+( +[\w.:-]+)*"))
INTERFACE = ValueType("a network interface", _pattern(r"[^\s/]{1,15}"))
NAME = ValueType("a name", _pattern(r"[\w.-]+"))
NETWORK = ValueType("a network like 203.0.113.0/24", ip_network)
NFS_EXPORT = ValueType("an NFS export like 192.0.2.5:/images", _pattern(r"[\w.:\[\]-]+:/\S*"))
PATH = ValueType("an absolute path", _pattern(r"/\S*"))
SIZE = ValueType("a size in bytes, or with the suffix K, M or G", _pattern(r"\d+[KMG]?"))
TIME_ZONE = ValueType("a time zone like Europe/Berlin", _pattern(r"\w+([/+-]\w+)*"))
