"""The /etc/hosts file: the block of lines with the names of the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pacemaker_os.install.changes.systemd_overrides import NO_SERVICE
from pacemaker_os.install.facts.host_facts import HOSTS, HostFacts
from pacemaker_os.openstack.desired import DesiredFile
from pacemaker_os.secret import Secret

_BEGIN, _END = "# The nodes of the cloud: pacemaker-os", "# The end of the nodes of the cloud"


def desired_hosts_file(facts: HostFacts, addresses: Mapping[str, str]) -> Iterator[DesiredFile]:
    """Yield the file if a name does not resolve, resolves to another address, or also to the loopback."""
    current = facts.files.get(HOSTS)
    if all(_resolves(facts.names.get(name, ()), address) for name, address in addresses.items()):
        return
    other_lines = _without_names(current.text if current else "", set(addresses))
    block = "".join(f"{address}\t{name}\n" for name, address in addresses.items())
    text = f"{other_lines}{_BEGIN}\n{block}{_END}\n"
    yield DesiredFile(
        path=HOSTS, content=Secret(text), redacted=text, owner="root:root", mode=0o644, service=NO_SERVICE
    )


def _resolves(found: tuple[str, ...], address: str) -> bool:
    return address in found and not any(each.startswith("127.") or each == "::1" for each in found)


def _without_names(text: str, names: set[str]) -> str:
    """Return the text without this block and without other lines that contain one of `names`."""
    text = re.sub(rf"{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n", "", text, flags=re.DOTALL)
    lines = (line for line in text.splitlines() if not names & set(line.partition("#")[0].split()[1:]))
    return "".join(f"{line}\n" for line in lines)
