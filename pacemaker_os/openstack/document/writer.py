"""The YAML format of the cluster document: plain data, a line for each constraint, secrets by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

_COMMENT = """\
# The cluster document of the cloud '{name}'. Every deployment overwrites it: change the topology instead.
"""


class SecretName(str):
    """The name of a secret, written as `!secret NAME`."""


class Lines(list[Any]):
    """A list with one line for each entry."""


class _Dumper(yaml.SafeDumper):
    """Writes plain data and names of secrets, without YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    SecretName, lambda dumper, name: dumper.represent_scalar("!secret", str(name), style=None)
)
_Dumper.add_representer(
    Lines, lambda dumper, lines: dumper.represent_sequence("tag:yaml.org,2002:seq", lines, flow_style=False)
)


def document_text(name: str, document: Mapping[str, Any]) -> str:
    """Return the text of the cluster document of a cloud."""
    text = yaml.dump(
        document, Dumper=_Dumper, default_flow_style=None, sort_keys=False, width=110, allow_unicode=True
    )
    return _COMMENT.format(name=name) + text
