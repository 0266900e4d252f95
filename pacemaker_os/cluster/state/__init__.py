"""What a cluster is doing, as values: what runs where, what failed, what is held, what differs, what to do.

`look` asks once; `follow` tells when to ask again; `changes` tells two looks apart; `timeline` reads what
the nodes remember of their last operations.
"""

from __future__ import annotations

from pacemaker_os.cluster.state.look import look
from pacemaker_os.cluster.state.values import State

__all__ = ["State", "look"]
