"""Check regular expressions with the C library, as Pacemaker compiles them.

Pacemaker's patterns are POSIX extended regular expressions. Python's `re` has another syntax: it rejects
`[[:alpha:]]*+`, for example, and accepts `\\d`. So `regcomp` itself decides.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.administration import FencingLevel
from pacemaker_os.cib.constraints import Location
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements

_REG_EXTENDED = 1
#: Larger than `regex_t` in every C library.
_BUFFER_SIZE = 1024
#: Maximum product of repetitions. The memory of a compiled pattern grows with them.
_MAX_REPETITIONS = 10_000


def check_patterns(cib: Cib) -> Iterator[LintFinding]:
    """Yield patterns that Pacemaker cannot compile; it ignores their objects."""
    for element, origin in all_elements(cib):
        if isinstance(element, Location) and element.rsc_pattern is not None:
            # Pacemaker negates a pattern that starts with an exclamation mark.
            key, pattern = "pattern", element.rsc_pattern.removeprefix("!")
        elif isinstance(element, FencingLevel) and element.target_pattern is not None:
            key, pattern = "target-pattern", element.target_pattern
        else:
            continue
        if (reason := _error(pattern)) is not None:
            message = (
                f"invalid value '{pattern}' for '{key}'; use a POSIX extended regular expression ({reason})"
            )
            yield LintFinding(origin, message, "wrong-pattern")


def _error(pattern: str) -> str | None:
    """Return why `regcomp` rejects a pattern, None if it compiles or if no C library can be called."""
    repetitions = 1
    for number in re.findall(r"\{(?:\d*,)?(\d+)", pattern):
        repetitions *= max(1, int(number[:9]))
    try:
        library = ctypes.CDLL(None)
        compile_pattern, describe, free = library.regcomp, library.regerror, library.regfree
    except (OSError, AttributeError, TypeError):
        return None
    if repetitions > _MAX_REPETITIONS:
        return None
    compiled = ctypes.create_string_buffer(_BUFFER_SIZE)
    status = compile_pattern(compiled, pattern.encode(), _REG_EXTENDED)
    if status == 0:
        free(compiled)
        return None
    text = ctypes.create_string_buffer(200)
    describe(status, compiled, text, len(text))
    return text.value.decode(errors="replace")
