"""Check the containers of bundles for values that the container engine or the network rejects.

Pacemaker does not check them: the containers would fail to start. Source: Pacemaker Explained, "Bundle
Network Properties" and "Bundle Storage Properties".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from pacemaker_os.cib import Cib
from pacemaker_os.cib.resources import Bundle
from pacemaker_os.cib.values import integer
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import origin_of

_MAX_PORT = 65_535
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


def check_bundles(cib: Cib) -> Iterator[LintFinding]:
    """Yield containers without an image, invalid addresses and ports, and paths that are used twice."""
    for bundle in cib.resources:
        if isinstance(bundle, Bundle):
            for message in _messages(bundle):
                text = f"bundle '{bundle.id}': {message}"
                yield LintFinding(origin_of(bundle), text, "container", is_warning=True)


def _messages(bundle: Bundle) -> Iterator[str]:
    if bundle.container is not None and bundle.container.image == "":
        yield "the name of the image is empty"
    if bundle.network is not None:
        start, netmask = bundle.network.ip_range_start, bundle.network.host_netmask
        if start is not None and not _is_address(start):
            yield f"invalid value '{start}' for 'ip-range-start'; use an IP address"
        if netmask is not None and not 1 <= (integer(netmask) or 0) <= 128:
            yield f"invalid value '{netmask}' for 'host-netmask'; use a number of bits such as 24"
        port = bundle.network.control_port
        if port is not None and not _is_port(port):
            yield f"invalid value '{port}' for 'control-port'; use 1 to {_MAX_PORT}"
        for mapping in bundle.network.port_mappings:
            for key, value in (("port", mapping.port), ("internal-port", mapping.internal_port)):
                if value is not None and not _is_port(value):
                    yield f"invalid value '{value}' for '{key}'; use 1 to {_MAX_PORT}"
            if mapping.range is not None and not _is_range(mapping.range):
                yield f"invalid value '{mapping.range}' for 'range'; use a range of ports such as 8000-8010"
        yield from _twice("port", [mapping.port for mapping in bundle.network.port_mappings])
    if bundle.storage is not None:
        yield from _twice("target-dir", [mapping.target_dir for mapping in bundle.storage.mappings])


def _twice(key: str, values: list[str | None]) -> Iterator[str]:
    for value in sorted({each for each in values if each is not None and values.count(each) > 1}):
        yield f"'{key}: {value}' is declared twice"


def _is_port(text: str) -> bool:
    return 1 <= (integer(text) or 0) <= _MAX_PORT


def _is_range(text: str) -> bool:
    match = _RANGE.fullmatch(text)
    return match is not None and 1 <= int(match[1]) <= int(match[2] or match[1]) <= _MAX_PORT


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
