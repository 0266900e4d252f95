"""The forms of children: each field of the model names the form in which a document has its children.

A form decodes what it encodes.
"""

from __future__ import annotations

from pacemaker_os.document.forms import alerts, common, nvsets, operations, resources, rules, sets
from pacemaker_os.document.forms.reader import Decoder
from pacemaker_os.document.forms.writer import Encoder

_FORMS: dict[str, tuple[Decoder, Encoder]] = {
    "object": (common.decode_object, common.encode_object),
    "list": (common.decode_list, common.encode_list),
    "named": (resources.decode_named, resources.encode_named),
    "names": (common.decode_names, common.encode_names),
    "storage": (common.decode_storage, common.encode_storage),
    "nvsets": (nvsets.decode_sets, nvsets.encode_sets),
    "nvpairs": (nvsets.decode_pairs, nvsets.encode_pairs),
    "rule": (rules.decode_rule, rules.encode_rule),
    "rules": (rules.decode_rules, rules.encode_rules),
    "expressions": (rules.decode_expressions, rules.encode_expressions),
    "operations": (operations.decode_operations, operations.encode_operations),
    "sets": (sets.decode_sets, sets.encode_sets),
    "select": (alerts.decode_select, alerts.encode_select),
    "recipients": (alerts.decode_recipients, alerts.encode_recipients),
}

DECODERS: dict[str, Decoder] = {name: decode for name, (decode, _) in _FORMS.items()}
ENCODERS: dict[str, Encoder] = {name: encode for name, (_, encode) in _FORMS.items()}
