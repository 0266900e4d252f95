"""Evacuation status of instances, queried on a controller, so that Nova's credentials stay there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pacemaker_os
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

PYTHON = "/usr/bin/python3"
MODULE = "pacemaker_os.agents.nova_evacuate.show"

#: Directory of the agents on a node (`pcs-os agents install`).
INSTALLED = "/usr/lib/pacemaker-os/current"

#: Timeout of the query, in seconds. It grows with the number of instances.
TIMEOUT = 300.0


def show(transport: Transport, *args: str) -> Any:
    """Return the response of the agents on a node. Raises ClusterError, TransportError.

    `args` are those of nova_evacuate.show: "plan" NODE, "status", "history" [NODE].
    """
    local = transport.name == "localhost"
    root = str(Path(pacemaker_os.__file__).parents[1]) if local else INSTALLED
    result = transport.run(
        [PYTHON, "-m", MODULE, *args], env={"PYTHONPATH": root}, timeout=TIMEOUT, ok=(0, 1)
    )
    try:
        response = json.loads(result.stdout)
    except ValueError:
        last = (result.error_text.strip().splitlines() or ["no error output"])[-1]
        raise ClusterError(
            f"{transport.name}: agents do not respond ({last}); install them with `pcs-os agents install`",
            code="no-agents",
        ) from None
    if isinstance(response, dict) and "error" in response:
        # The last line of cibadmin when it cannot connect to Pacemaker.
        if "Init failed" in str(response["error"]):
            place = "this machine" if local else transport.name
            remedy = "start it, or connect to a controller with --container or --ssh"
            message = f"Pacemaker is not running on {place}; {remedy} ({response['error']})"
            raise ClusterError(message, code="no-cluster")
        remedy = "; to query a controller, use --ssh or --container" if local else ""
        raise ClusterError(f"{transport.name}: {response['error']}{remedy}", code="instances")
    return response
