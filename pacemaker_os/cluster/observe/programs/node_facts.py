"""Print facts about the health of this node, as far as they are available within a time limit."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pacemaker_os.cluster.observe.programs import daemons, logs, network, storage
from pacemaker_os.cluster.observe.programs.commands import NoAnswer

#: Factor of the time for sections that need a command on an overloaded node, and the share of the time after
#: which a section gives up.
_OVERLOADED, _SHARE = 3, 0.9

#: Units of the cluster.
_UNITS = ["corosync", "pacemaker", "pcsd"]


def main(query: dict[str, Any]) -> None:
    """Print the facts, by section. A section that is not ready within `seconds` is missing.

    On an overloaded node, sections that need a command have three times as long.

    The query has `seconds`, the `addresses` of the cluster, and the `units` and `texts` whose last lines of
    journal and log are needed.
    """
    seconds = query["seconds"] * (_OVERLOADED if daemons.is_overloaded() else 1)
    end = time.monotonic() + seconds
    found: dict[str, Any] = {"when": time.time(), "sections": {}}
    threads = [
        threading.Thread(target=_gather, args=(found["sections"], name, section), daemon=True)
        for name, section in sections(query, seconds * _SHARE).items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    print(json.dumps({**found, "sections": dict(found["sections"])}), flush=True)
    # A thread that waits for a disk or a daemon must not delay the end of the program.
    os._exit(0)


def sections(query: dict[str, Any], short: float) -> dict[str, Callable[[], Any]]:
    """Return the function that gathers each section."""
    answer = query["seconds"] * _SHARE
    return {
        **{f"daemon:{name}": partial(daemons.ping, name, answer) for name in daemons.SOCKETS},
        "daemon:pcsd": partial(daemons.ping_pcsd, answer),
        "view": partial(storage.view, short),
        "disk": partial(storage.disk, short),
        "file_systems": storage.file_systems,
        "units": partial(logs.units, _UNITS, short),
        "nodes": network.nodes,
        "links": partial(network.links, short),
        "addresses": partial(network.duplicates, query["addresses"], short),
        "log": partial(logs.pacemaker_log, query["texts"], short),
        **{f"journal:{unit}": partial(logs.journal, unit, short) for unit in query["units"]},
    }


def _gather(sections: dict[str, Any], name: str, section: Callable[[], Any]) -> None:
    try:
        sections[name] = section()
    except (NoAnswer, OSError, ValueError, KeyError):
        # The section stays missing, which means that it was not checked.
        return
