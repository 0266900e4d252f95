"""Asking a controller what becomes of instances: Nova's credentials are there, and stay there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pacemaker_os
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

PYTHON = "/usr/bin/python3"
MODULE = "pacemaker_os.agents.nova_evacuate.show"

#: Where `pcs-os agents install` puts the agents on a node.
INSTALLED = "/usr/lib/pacemaker-os/current"

#: Seconds that the answer may take: many instances are many questions to Nova.
PATIENCE = 300.0


def show(transport: Transport, *words: str) -> Any:
    """What the agents on the node behind `transport` say. Raises ClusterError, TransportError.

    `words` are those of nova_evacuate.show: "plan" NODE, "status", "history" [NODE].
    """
    here = transport.name == "localhost"
    root = str(Path(pacemaker_os.__file__).parents[1]) if here else INSTALLED
    result = transport.run(
        [PYTHON, "-m", MODULE, *words], env={"PYTHONPATH": root}, timeout=PATIENCE, ok=(0, 1)
    )
    try:
        said = json.loads(result.stdout)
    except ValueError:
        last = (result.error_text.strip().splitlines() or ["it said nothing"])[-1]
        raise ClusterError(
            f"{transport.name}: the agents do not answer ({last}); `pcs-os agents install` puts them there",
            code="no-agents",
        ) from None
    if isinstance(said, dict) and "error" in said:
        elsewhere = "; --ssh or --container asks a controller" if here else ""
        raise ClusterError(f"{transport.name}: {said['error']}{elsewhere}", code="instances")
    return said
