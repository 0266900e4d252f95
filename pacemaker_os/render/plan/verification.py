"""Pacemaker's own opinion of a configuration as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pacemaker_os.cluster.target import Target
from pacemaker_os.plan.verification import CONFIGURATION, Verification
from pacemaker_os.render.terminal import wrap_text
from pacemaker_os.text import abbreviate, quantity

_SIGNS = {"error": ("!", "critical"), "warning": ("~", "warning")}

#: Number of objects that are listed before the rest is only counted.
_LISTED = 6


def verification_lines(
    found: Collection[Verification], width: int, target: Target
) -> Iterator[tuple[str, str]]:
    """Yield each line with its style; warnings that are not new are only counted."""
    counted = [each for each in found if not each.new and each.level == "warning"]
    for each in found:
        if each not in counted:
            yield from _message(each, width)
    if counted:
        names = abbreviate(list(dict.fromkeys(each.object for each in counted)), _LISTED)
        command = target.command(("pcs-os", "status"))
        sentence = f"{quantity(len(counted), 'warning')} already in the cluster ({names}): see {command}"
        for line in wrap_text(sentence, width - 4):
            yield f"    {line}", "quiet"


def _message(each: Verification, width: int) -> Iterator[tuple[str, str]]:
    sign, style = _SIGNS[each.level]
    for number, line in enumerate(wrap_text(f"{each.level}: {each.text}", width - 4)):
        yield f"  {sign if number == 0 else ' '} {line}", style
    name = "" if each.object == CONFIGURATION else each.object
    where = "  ".join(filter(None, (name, each.origin, "" if each.new else "(already in the cluster)")))
    if where:
        yield f"      {where}", "quiet"
