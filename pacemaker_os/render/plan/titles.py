"""What documents call the objects of a plan: a clone by what it clones, a constraint by what it says."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.xml import read_cib
from pacemaker_os.document.forms.constraints import encode_constraint
from pacemaker_os.document.forms.table import ENCODERS
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Commented, Plain
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.text import abbreviate

#: How a constraint's id begins that nobody chose: pcs and documents make such ones.
_MADE = ("order-", "order_set_", "colocation-", "colocation_set_", "location-", "location_set_")

#: How many resources of a constraint are named before the rest is counted.
_LISTED = 6


def title(operation: ConfigChange, names: Mapping[str, str]) -> str:
    """What to call the object of an operation; `names` are what documents call resources."""
    if operation.kind == "fencing level":
        return _level(operation)
    if operation.section != "constraints":
        return names.get(operation.name, operation.name)
    said = _said(operation, names)
    if said is None or operation.name.startswith(_MADE):
        return said or operation.name
    return f"{operation.name}: {said}"


def _level(operation: ConfigChange) -> str:
    """Of a fencing level whom it is for, which one it is, and its devices."""
    level = from_text(operation.new or operation.old or "<fencing-level/>")
    whom = level.get("target") or level.get("target-pattern") or level.get("target-attribute") or "?"
    return f"{whom} {level.get('index')}: {', '.join(level.get('devices', '').split(','))}"


def _said(operation: ConfigChange, names: Mapping[str, str]) -> str | None:
    """A constraint as a document says it; None for what is not to be read."""
    text = operation.new or operation.old
    cib = read_cib(f"<configuration><constraints>{text}</constraints></configuration>")
    if len(cib.constraints) != 1:
        return None
    said = encode_constraint(cib.constraints[0], Writer(ENCODERS, cloned=names))
    # Without its comments, and without the id, which is told apart.
    plain = said.value if isinstance(said, Commented) else said
    plain = plain.get(operation.name, plain) if isinstance(plain, dict) else plain
    return _place(plain) if isinstance(plain, dict) else _flow(plain)


def _place(said: dict[str, Plain]) -> str:
    """A constraint that is no line in a document: whom it is about, its rule, and the rest in brackets."""
    rest = dict(said)
    whom = " ".join(
        _flow(rest.pop(key)) for key in ("resource", "resources", "pattern", "sets") if key in rest
    )
    rule = f" where {_flow(rest.pop('where'))}" if "where" in rest else ""
    return f"{whom}{rule} ({_flow(rest)})" if rest else f"{whom}{rule}"


def _flow(value: Plain) -> str:
    """Plain values on one line, long lists cut."""
    if isinstance(value, Commented):
        return _flow(value.value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flow(each)}" for key, each in value.items())
    if isinstance(value, list):
        return f"[{abbreviate([_flow(each) for each in value], _LISTED)}]"
    return str(value)
