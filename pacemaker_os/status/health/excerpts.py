"""Lines of logs for display: printable, short and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Number of lines that are shown, and of characters per line.
LINES, LENGTH = 5, 200

#: What stands for a secret.
_MASK = "*****"

_NAME = (
    r"[\w-]*(?:passw(?:or)?d|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|credentials?)[\w-]*"
)

#: A secret after its name (password=x, "token": "x", --password x, --passwd=x), in the header of a request,
#: and in a URL.
_SECRETS = (
    re.compile(rf"(?i)(\b{_NAME}[\"']?\s*(?:=>|[=:])\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"'}}\])]+)"),
    re.compile(rf"(?i)(--?{_NAME}\s+)(\"[^\"]*\"|'[^']*'|\S+)"),
    re.compile(r"(?i)(\b(?:authorization|x-auth-token|cookie)\s*:\s*(?:(?:basic|bearer)\s+)?)(\S+)"),
    re.compile(r"(?i)(\b(?:basic|bearer)\s+)([A-Za-z0-9+/_.=-]{8,})"),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)([^\s@]+)(?=@)"),
    re.compile(r"(?i)(\bidentified by\s+(?:password\s+)?)(\"[^\"]*\"|'[^']*'|\S+)"),
)


def excerpt(lines: Iterable[str], limit: int = LINES) -> tuple[str, ...]:
    """Return the last distinct lines that are not empty, as they can be shown."""
    found = [line for line in (printable(mask(each)) for each in lines) if line]
    # Of equal lines, only the last one stays.
    last = list(dict.fromkeys(reversed(found)))[:limit]
    return tuple(reversed(last))


def mask(text: str) -> str:
    """Return a text with stars in place of what looks like a secret."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<1>{_MASK}", text)
    return text


def printable(text: str, length: int = LENGTH) -> str:
    """Return a text on one line, without control characters, and shortened."""
    plain = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", text)
    plain = "".join(char if char.isprintable() else " " for char in plain)
    plain = " ".join(plain.split())
    return plain if len(plain) <= length else f"{plain[: length - 3]}..."
