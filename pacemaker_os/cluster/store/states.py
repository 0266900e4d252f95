"""The configurations before and after an apply, packed into its record."""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.text import from_text, to_text
from pacemaker_os.dataclass import dataclass

#: `before` an apply, `stopped` after the first of two writes, and `after` the apply.
StateName = Literal["before", "stopped", "after"]

#: Level of the compression: the default one takes ten times as long to save another tenth.
PRESET = 1


@dataclass(frozen=True, slots=True)
class States:
    """Whole configurations by name, each with its digest.

    The second and the third one take nearly no space, because they are compressed together.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    packed: str = field(default="", repr=False)

    @classmethod
    def of(cls, cibs: Mapping[StateName, etree._Element]) -> States:
        """Pack the configurations of several `<cib>`."""
        configurations = {name: content.configuration(cib) for name, cib in cibs.items()}
        texts = {name: to_text(configuration) for name, configuration in configurations.items()}
        packed = base64.b85encode(lzma.compress(json.dumps(texts).encode(), preset=PRESET)).decode("ascii")
        return cls({name: content.digest(each) for name, each in configurations.items()}, packed)

    def configuration(self, name: StateName) -> etree._Element | None:
        """Return a configuration, or None if the record has none of this name."""
        if name not in self.digests:
            return None
        texts: dict[str, str] = json.loads(lzma.decompress(base64.b85decode(self.packed)))
        return from_text(texts[name])

    def to_json(self) -> dict[str, Any]:
        """Return the states as JSON data."""
        return {"digests": dict(self.digests), "configurations": self.packed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> States:
        """Read the result of `to_json`. Raises KeyError or TypeError for anything else."""
        return cls({str(name): str(each) for name, each in data["digests"].items()}, data["configurations"])
