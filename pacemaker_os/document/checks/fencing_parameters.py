"""Check the parameters of fencing devices that Pacemaker's fencer reads: pcmk_host_map and others.

The fencer skips or misreads what it cannot parse, without an error in the cluster status. Source: Pacemaker
Explained, "Special Meta-Attributes for Fencing Resources", and `daemons/fenced/fenced_commands.c`
(`build_port_aliases()`, `get_action_delay_base()`),
`lib/fencing/st_client.c` (`stonith__parse_targets()`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Primitive, Template
from pacemaker_os.cib.values import COUNT, DURATION, TIMEOUT, Kind, integer, one_of
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements
from pacemaker_os.text import did_you_mean

#: The actions of the parameters pcmk_ACTION_action, pcmk_ACTION_timeout and pcmk_ACTION_retries.
ACTIONS = ("reboot", "off", "on", "list", "monitor", "status")


def _retries(text: str) -> int | None:
    number = integer(text)
    return None if number is None or number < 0 else number


_RETRIES = Kind("retries", _retries, "a whole number from 0")

_KINDS = {
    "pcmk_host_check": one_of("dynamic-list", "static-list", "status", "none", any_case=True),
    "pcmk_delay_max": DURATION,
    "pcmk_action_limit": Kind("limit", integer, COUNT.expected),
    **{f"pcmk_{action}_timeout": TIMEOUT for action in ACTIONS},
    **{f"pcmk_{action}_retries": _RETRIES for action in ACTIONS},
}

#: All parameters that the fencer reads from the configuration of a device.
_KNOWN = frozenset(
    (
        *_KINDS,
        *("pcmk_host_argument", "pcmk_host_map", "pcmk_host_list", "pcmk_delay_base"),
        *(f"pcmk_{action}_action" for action in ACTIONS),
    )
)

#: What the fencer takes for the name of a node in a list.
_HOST = re.compile(r"[A-Za-z0-9_.-]+")


def check_fencing_parameters(cib: Cib) -> Iterator[LintFinding]:
    """Yield values of pcmk_* parameters that the fencer ignores or reads as something else."""
    for element, origin in all_elements(cib):
        if not isinstance(element, Primitive | Template) or element.class_ != "stonith":
            continue
        pairs: dict[str, NvPair] = {}
        for nvset in element.instance_attributes:
            for pair in nvset.nvpairs:
                if pair.name is None or pair.value is None or not pair.name.startswith("pcmk_"):
                    continue
                pairs.setdefault(pair.name, pair)
                reason = _reason(pair.name, pair.value)
                if reason is not None:
                    message = f"invalid value '{pair.value}' for '{pair.name}' of '{element.id}'; {reason}"
                    yield LintFinding(pair.origin or origin, message, "wrong-value")
                elif pair.name not in _KNOWN and (near := did_you_mean(pair.name, _KNOWN)):
                    message = f"unknown parameter '{pair.name}'{near}"
                    yield LintFinding(pair.origin or origin, message, "unknown-name", is_warning=True)
        check = pairs.get("pcmk_host_check")
        if check is not None and (check.value or "").lower() == "static-list" and _lists_nothing(pairs):
            message = (
                f"fencing device '{element.id}' can fence no node: 'pcmk_host_check: static-list' requires "
                "'pcmk_host_list' or 'pcmk_host_map'"
            )
            partial = isinstance(element, Template) or element.template is not None
            yield LintFinding(check.origin or origin, message, "no-hosts", is_warning=partial)


def _lists_nothing(pairs: Collection[str]) -> bool:
    return "pcmk_host_list" not in pairs and "pcmk_host_map" not in pairs


def _reason(name: str, value: str) -> str | None:
    """Return what a value must be instead, or None if the fencer reads it as it is meant."""
    match name:
        case "pcmk_host_map":
            return _host_map(value)
        case "pcmk_host_list":
            # The fencer reads a name up to the first other character.
            wrong = [each for each in re.split(r"[\s,;]+", value) if each and not _HOST.fullmatch(each)]
            if wrong:
                return f"'{wrong[0]}' is not the name of a node; use names such as node1,node2"
        case "pcmk_delay_base":
            return _delay_base(value)
        case _ if (kind := _KINDS.get(name)) is not None and not kind.accepts(value):
            return f"use {kind.expected}{did_you_mean(value, kind.choices)}"
    return None


def _host_map(value: str) -> str | None:
    """Return why a map of nodes to ports is invalid. A backslash escapes the next character."""
    plain = re.sub(r"\\.", "x", value, flags=re.DOTALL)
    for entry in re.split(r"[; \t]", plain):
        if not entry:
            continue
        parts = re.split(r"[=:]", entry)
        if len(parts) != 2 or not all(parts) or re.search(r"[\s]", entry):
            problem = "has no port" if len(parts) == 1 else "is not NODE:PORT"
            return f"the fencer ignores or misreads '{entry}', which {problem}; use NODE:PORT;NODE:PORT"
    return None


def _delay_base(value: str) -> str | None:
    stripped = value.strip()
    if ":" not in stripped:
        return (
            None
            if milliseconds(stripped) is not None
            else f"use {DURATION.expected}, or NODE:DELAY;NODE:DELAY"
        )
    for entry in re.split(r"[; \t]", stripped):
        node, _, delay = entry.partition(":")
        if entry and (not node or milliseconds(delay) is None):
            return f"the fencer ignores or misreads '{entry}'; use NODE:DELAY;NODE:DELAY"
    return None
