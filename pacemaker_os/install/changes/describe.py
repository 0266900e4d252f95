"""Description of pending changes for people, with secrets masked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from pacemaker_os.dataclass import dataclass
from pacemaker_os.install.changes.host_changes import HostChanges, file_difference
from pacemaker_os.install.facts.host_facts import FileFacts, HostFacts
from pacemaker_os.openstack.desired import DesiredFile
from pacemaker_os.secret import Secret

#: Values that output never contains, regardless of their source: those of confidential keys, and passwords
#: in URLs.
_CONFIDENTIAL = (
    re.compile(r"(?im)^(\s*[\w.-]*(?:password|secret|token|auth_key)[\w.-]*\s*[=:]\s*).+$"),
    re.compile(r"(:)[^\s/:@,]+(?=@)"),
)


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A pending change; `difference` is a unified diff with masked secrets."""

    host: str
    kind: str
    subject: str
    why: str
    difference: str = ""


def describe_changes(
    changes: HostChanges, facts: HostFacts, secrets: Iterable[Secret] = ()
) -> Iterator[PendingChange]:
    """Yield each change of a host; no text contains any of the `secrets`."""
    values = tuple(secret.reveal() for secret in secrets)
    for name in changes.packages:
        yield PendingChange(changes.host, "package", name, "is not installed")
    for name in changes.disable:
        yield PendingChange(changes.host, "unit", name, "is enabled in systemd, but Pacemaker manages it")
    for name in changes.mask:
        yield PendingChange(changes.host, "unit", name, "must not run and is not masked")
    for name in changes.enable:
        yield PendingChange(changes.host, "unit", name, "is not enabled or not running")
    for path, owner in changes.directories:
        current = facts.directories.get(path)
        why = f"is owned by {current}, not {owner}" if current else "is missing"
        yield PendingChange(changes.host, "directory", path, why)
    for file in changes.files:
        existing = facts.files.get(file.path)
        diff = _diff(file, existing, values)
        yield PendingChange(changes.host, "file", file.path, file_difference(file, existing), diff)
    for path in changes.leftovers:
        yield PendingChange(changes.host, "file", path, "is left over from an interrupted installation")
    for path in changes.kernel_settings:
        yield PendingChange(changes.host, "sysctl", path, "is not loaded into the kernel")


def _diff(file: DesiredFile, current: FileFacts | None, secrets: Iterable[str]) -> str:
    """Return the change of a file as a unified diff without secrets."""
    if (current and not current.text) or not file.redacted.strip("*\n"):
        return ""
    before = _without_comments(masked(current.text, secrets)) if current else ""
    lines = difflib.unified_diff(
        before.splitlines(),
        _without_comments(masked(file.redacted, secrets)).splitlines(),
        "actual",
        "desired",
        lineterm="",
        n=1,
    )
    return "\n".join(lines)


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text with asterisks in place of secrets and of values that look confidential."""
    for secret in secrets:
        text = text.replace(secret, "*****")
    for pattern in _CONFIDENTIAL:
        text = pattern.sub(r"\1*****", text)
    return text


def _without_comments(text: str) -> str:
    """Return the text without comments and empty lines; packages ship files with thousands of them."""
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";")))
    return "".join(f"{line}\n" for line in lines)
