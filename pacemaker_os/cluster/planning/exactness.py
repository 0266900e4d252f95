"""Values that the Pacemaker of a cluster cannot store exactly.

The tools of the cluster are tried with each of them, on a file, because distributions fix such faults in
versions of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from shutil import which

from lxml import etree

from pacemaker_os.cib.tree.escapes import values_with_escapes
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.transport.base import Transport

#: Number of characters of a value in a message.
_SHOWN = 40

_REMEDY = "use a value without control characters, quotes, & and <, or update Pacemaker"

_PAIR = re.compile(r'<nvpair id="t(\d+)".*/>')


def inexact(
    transport: Transport, changes: Iterable[ConfigChange]
) -> Iterator[tuple[ConfigChange, str, bool]]:
    """Yield each change that the tools of a cluster would write differently, with the reason.

    The third value is whether they would write valid XML.
    No command runs if all values are common ones. Raises TransportError, CommandFailed.
    """
    found = [(change, text) for change in changes for text in _values(change)]
    texts = list(dict.fromkeys(text for _, text in found))
    stored = dict(zip(texts, _stored(transport, texts), strict=True)) if texts else {}
    for change, text in found:
        written = stored[text]
        if written is None:
            yield change, f"Pacemaker would write {_short(text)} as invalid XML", False
        elif written != text:
            yield change, f"Pacemaker would write {_short(text)} as {_short(written)}", True


def exactness_notes(cluster: Cluster, changes: Iterable[ConfigChange]) -> Iterator[str]:
    """Yield a note for each change of a CIB file that Pacemaker's tools would write differently.

    pcs-os writes the file itself in this case. Raises InputError for values that a running cluster cannot
    store, and for those that the tools write as invalid XML.
    """
    if not cluster.live and not which("cibadmin"):
        return
    problems = []
    for change, reason, valid in inexact(cluster.transport, changes):
        what = f"{change.kind} '{change.name}': {reason}"
        if valid and not cluster.live:
            yield f"{what} when it writes this file; pcs-os does not"
            continue
        message = f"cannot store {what}; {_REMEDY}"
        problems.append(Problem(*_position(change.origin), message, "not-exact"))
    if problems:
        raise InputError(problems)


def _values(change: ConfigChange) -> Iterator[str]:
    """Yield the awkward values of a change that its object does not have yet."""
    # Control characters are references in the XML.
    if not change.new or (change.new.isascii() and not re.search("&#|\x7f", change.new)):
        return
    old = set(values_with_escapes(from_text(change.old))) if change.old else set()
    yield from (text for text in values_with_escapes(from_text(change.new)) if text not in old)


def _stored(transport: Transport, texts: Sequence[str]) -> list[str | None]:
    """Return what Pacemaker writes for each text; None for invalid XML."""
    section = etree.Element("crm_config")
    nvset = etree.SubElement(section, "cluster_property_set", id="t")
    for number, text in enumerate(texts):
        etree.SubElement(nvset, "nvpair", id=f"t{number}", name=f"t{number}", value=text)
    with scratch(transport) as directory:
        path = f"{directory}/cib.xml"
        transport.put(transport.run(["cibadmin", "--empty"]).stdout, path, mode=0o600)
        argv = ["cibadmin", "--modify", "--allow-create", "--scope", "crm_config", "--xml-pipe"]
        transport.run(argv, input=etree.tostring(section), env=only_this_file(path))
        lines = transport.get(path).decode("utf-8", "replace").split("\n")
    found: list[str | None] = [None] * len(texts)
    for line in lines:
        if match := _PAIR.fullmatch(line.strip()):
            found[int(match[1])] = _value(match[0])
    return found


def _value(text: str) -> str | None:
    try:
        return etree.fromstring(text.encode()).get("value")
    except etree.XMLSyntaxError:
        return None


def _position(origin: str) -> tuple[str, int, int]:
    """Return the file, line and column of the position of a change."""
    match = re.fullmatch(r"(.*?)(?::(\d+))?(?::(\d+))?", origin, re.DOTALL)
    assert match is not None
    return match[1], int(match[2] or 0), int(match[3] or 0)


def _short(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
