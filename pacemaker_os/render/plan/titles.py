"""Titles of changed objects, as in documents: a clone by its resource, a constraint by its content."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.document.forms.constraints import encode_constraint
from pacemaker_os.document.forms.table import ENCODERS
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Commented, Plain
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.text import abbreviate

#: Prefixes of the constraint IDs that pcs and pcs-os generate.
_GENERATED = ("order-", "order_set_", "colocation-", "colocation_set_", "location-", "location_set_")

#: Number of resources of a constraint in a title before the rest is only counted.
_LISTED = 6


def title(change: ConfigChange, names: Mapping[str, str]) -> str:
    """Return the title of a changed object; `names` maps resource IDs to their names in documents."""
    if change.kind == "fencing level":
        return _level(change)
    if change.section != "constraints":
        return names.get(change.name, change.name)
    content = _constraint(change, names)
    if content is None or change.name.startswith(_GENERATED):
        return content or change.name
    return f"{change.name}: {content}"


def _level(change: ConfigChange) -> str:
    """Return the target of a fencing level, its index and its devices."""
    level = from_text(change.new or change.old or "<fencing-level/>")
    target = level.get("target") or level.get("target-pattern") or level.get("target-attribute") or "?"
    return f"{target} {level.get('index')}: {', '.join(level.get('devices', '').split(','))}"


def _constraint(change: ConfigChange, names: Mapping[str, str]) -> str | None:
    """Return a constraint in the notation of documents; None if it cannot be parsed."""
    text = change.new or change.old
    cib = Cib.from_xml(f"<configuration><constraints>{text}</constraints></configuration>")
    if len(cib.constraints) != 1:
        return None
    encoded = encode_constraint(cib.constraints[0], Writer(ENCODERS, cloned=names))
    # Without its comments, and without the ID, which the title has already.
    plain = encoded.value if isinstance(encoded, Commented) else encoded
    plain = plain.get(change.name, plain) if isinstance(plain, dict) else plain
    return _long_form(plain) if isinstance(plain, dict) else _flow(plain)


def _long_form(constraint: dict[str, Plain]) -> str:
    """Return a constraint that has no short form: its resources, its rule, and the rest in parentheses."""
    rest = dict(constraint)
    resources = " ".join(
        _flow(rest.pop(key)) for key in ("resource", "resources", "pattern", "sets") if key in rest
    )
    rule = f" where {_flow(rest.pop('where'))}" if "where" in rest else ""
    return f"{resources}{rule} ({_flow(rest)})" if rest else f"{resources}{rule}"


def _flow(value: Plain) -> str:
    """Return plain values on one line; long lists are abbreviated."""
    if isinstance(value, Commented):
        return _flow(value.value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flow(each)}" for key, each in value.items())
    if isinstance(value, list):
        return f"[{abbreviate([_flow(each) for each in value], _LISTED)}]"
    return str(value)
