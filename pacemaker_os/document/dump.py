"""Write a CIB as the text of a document."""

from __future__ import annotations

from pacemaker_os.cib import Cib
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.schema import has_new_roles
from pacemaker_os.document.encode import encode_cib
from pacemaker_os.document.forms.constraints import CLASSES
from pacemaker_os.document.forms.table import ENCODERS
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.generated_ids import referenced_ids, without_generated_ids
from pacemaker_os.document.yaml.emitter import emit


def dump(cib: Cib) -> str:
    """Return the document of `cib`, in short forms where they exist and without generated ids.

    `document.load` returns an equivalent CIB from it; only generated ids may differ.
    """
    referenced = referenced_ids(cib)
    cib = without_generated_ids(cib, referenced)
    plain = encode_cib(cib, _writer(cib, referenced))
    # The sections of constraints are not separated by empty lines.
    constraints = [section for section in plain if section in CLASSES]
    return emit(plain, together=constraints[1:])


def _writer(cib: Cib, referenced: frozenset[str]) -> Writer:
    clones = {
        each.id or "": each.child.id or ""
        for each in cib.resources
        if isinstance(each, Clone) and each.child is not None
    }
    templates = {each.id for each in cib.resources if isinstance(each, Template) and each.class_ == "stonith"}
    services = set()
    for each in cib.resources:
        inner = each.child if isinstance(each, Clone) else each
        fencing = isinstance(inner, Primitive) and (inner.class_ == "stonith" or inner.template in templates)
        if isinstance(each, Primitive | Clone | Group | Bundle) and not fencing:
            services.add(each.id or "")
    return Writer(
        ENCODERS,
        referenced=referenced,
        cloned=clones,
        hidden=frozenset(clones.values()),
        services=frozenset(services),
        new_roles=has_new_roles(cib.validate_with),
    )
