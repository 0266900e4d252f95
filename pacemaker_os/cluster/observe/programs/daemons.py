"""Whether the daemons of a node answer."""

from __future__ import annotations

import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

#: The IPC socket of each daemon.
SOCKETS = {
    "corosync": "cmap",
    "pacemakerd": "pacemakerd",
    "pacemaker-based": "cib_ro",
    "pacemaker-fenced": "stonith-ng",
    "pacemaker-execd": "lrmd",
    "pacemaker-attrd": "attrd",
    "pacemaker-schedulerd": "pengine",
    "pacemaker-controld": "crmd",
}

#: The first message of a client: struct qb_ipc_connection_request of libqb, with the ID of an authentication.
_REQUEST = struct.pack("=i4xi4xI4x", -1, 24, 131072)

#: Number of ready processes per processor above which a daemon may not be able to answer in time.
_OVERLOAD = 4

#: Port of pcsd.
_PCSD_PORT = 2224


def ping(name: str, seconds: float) -> dict[str, Any]:
    """Return whether a daemon accepts a client within a time, and the state of its process.

    The daemon accepts clients in its main loop, where it does all its work. A daemon that is stopped, blocked
    or busy for longer therefore does not answer. One that had to wait for the processor, or that runs on an
    overloaded node, is `starved`: nothing is known about it. The connection is closed before it is used.
    """
    found: dict[str, Any] = {
        "name": name,
        "runs": False,
        "answers": False,
        "starved": False,
        "process": "",
        "since": 0.0,
    }
    client = _connect(SOCKETS[name], seconds)
    if client is None:
        return found
    with client:
        pid, _, _ = struct.unpack("=3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        process, since = process_state(pid)
        found.update(runs=True, process=process, since=since)
        waited = waiting_time(pid)
        try:
            client.sendall(_REQUEST)
            found["answers"] = bool(client.recv(65536))
        except OSError:
            # A daemon that ends during the handshake does not answer either.
            found["process"], _ = process_state(pid)
            found["starved"] = waiting_time(pid) - waited > seconds / 4 or is_overloaded()
    return found


def _connect(name: str, seconds: float) -> socket.socket | None:
    """Return a connection to the socket of a daemon; none if no process listens there.

    libqb pads names of abstract sockets with zeros. It can also be configured to use files below /run.
    """
    for address in (b"\0" + name.encode().ljust(107, b"\0"), f"/run/{name}".encode()):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(seconds)
        try:
            client.connect(address)
        except OSError:
            client.close()
            continue
        return client
    return None


def process_state(pid: int) -> tuple[str, float]:
    """Return the state of a process as in proc(5), and its start time in seconds since the epoch."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        started = int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return "", 0.0
    return fields[0], round(started, 1)


def waiting_time(pid: int) -> float:
    """Return how long the main thread of a process was ready and waited for the processor, in seconds."""
    try:
        return int(Path("/proc", str(pid), "schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def is_overloaded() -> bool:
    """Return whether many more processes are ready than the processors can run."""
    return os.getloadavg()[0] > _OVERLOAD * (os.cpu_count() or 1)


def ping_pcsd(seconds: float) -> dict[str, Any]:
    """Return whether pcsd completes a TLS handshake on this node."""
    import ssl

    found = {
        "name": "pcsd",
        "runs": False,
        "answers": False,
        "starved": False,
        "process": "",
        "since": 0.0,
    }
    end = time.monotonic() + seconds
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Only the answer matters; nothing is sent.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for host in ("127.0.0.1", "::1"):
        try:
            with socket.create_connection((host, pcsd_port()), max(0.1, end - time.monotonic())) as client:
                found["runs"] = True
                client.settimeout(max(0.1, end - time.monotonic()))
                with context.wrap_socket(client):
                    found["answers"] = True
                    break
        except OSError:
            continue
    found["starved"] = not found["answers"] and is_overloaded()
    return found


def pcsd_port() -> int:
    """Return the port of pcsd, from its settings."""
    for path in ("/etc/default/pcsd", "/etc/sysconfig/pcsd"):
        try:
            lines = Path(path).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip() == "PCSD_PORT" and value.strip(" '\"").isdigit():
                return int(value.strip(" '\""))
    return _PCSD_PORT
