"""Links to other nodes, and other machines that use an address of this node."""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import struct
import time
from pathlib import Path
from typing import Any

from pacemaker_os.cluster.observe.programs.commands import NoAnswer, output

_LINK = re.compile(r"LINK ID (\d+)")
_PEER = re.compile(r"nodeid:?\s*(\d+):?\s+(\w+)")

_COROSYNC = Path("/etc/corosync/corosync.conf")

_ARP = 0x0806
_BROADCAST = b"\xff" * 6

#: Time to wait for answers of duplicate addresses, in seconds.
_WAIT = 0.25


def links(seconds: float) -> dict[str, Any]:
    """Return the ID of this node, and whether each of its links reaches each other node. Raises NoAnswer."""
    own, link, found = 0, -1, []
    text = output(["corosync-cfgtool", "-s"], seconds)
    for line in text.splitlines():
        if match := re.search(r"Local node ID (\d+)", line):
            own = int(match[1])
        elif match := _LINK.search(line):
            link = int(match[1])
        elif (match := _PEER.search(line)) and match[2] in ("connected", "disconnected"):
            found.append({"link": link, "peer": int(match[1]), "connected": match[2] == "connected"})
    if not own:
        raise NoAnswer("corosync-cfgtool")
    return {"id": own, "links": found}


def nodes() -> list[str]:
    """Return the names of the cluster nodes in the configuration of corosync."""
    text = _COROSYNC.read_text()
    return re.findall(r"^\s*name:\s*(\S+)", text.partition("nodelist")[2], re.MULTILINE)


def duplicates(addresses: list[str], seconds: float) -> dict[str, Any]:
    """Return the hardware addresses of this node, the interface of each of the `addresses` that it has, and
    the foreign hardware addresses that also answer for them. Raises NoAnswer.
    """
    interfaces = json.loads(output(["ip", "-json", "address", "show"], seconds) or "[]")
    own = sorted({str(each["address"]) for each in interfaces if each.get("address")})
    held, answers = {}, {}
    for interface in interfaces:
        for each in interface.get("addr_info", []):
            address = each.get("local", "")
            if address in addresses and each.get("family") == "inet" and "LOOPBACK" not in interface["flags"]:
                held[address] = f"{address}/{each['prefixlen']} {interface['ifname']}"
                with contextlib.suppress(OSError):
                    answers[address] = sorted(probe(address, interface["ifname"], interface["address"], own))
    return {"own": own, "held": held, "answers": answers}


def probe(address: str, interface: str, hardware: str, own: list[str]) -> set[str]:
    """Return the hardware addresses that answer an ARP probe for an address (RFC 5227), except `own`.

    A probe names no sender address, so that no ARP cache changes.
    """
    sender, target = bytes.fromhex(hardware.replace(":", "")), socket.inet_aton(address)
    if len(sender) != 6:
        return set()
    request = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, sender, b"\0" * 4, b"\0" * 6, target)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP)) as channel:
        channel.bind((interface, _ARP))
        channel.send(_BROADCAST + sender + struct.pack("!H", _ARP) + request)
        found, end = set(), time.monotonic() + _WAIT
        while (left := end - time.monotonic()) > 0:
            if not select.select([channel], [], [], left)[0]:
                break
            data = channel.recv(1024)
            if len(data) < 42:
                continue
            kind, answerer, claimed = data[20:22], data[22:28], data[28:32]
            if kind in (b"\0\x01", b"\0\x02") and claimed == target:
                found.add(answerer.hex(":"))
    return found - set(own)
