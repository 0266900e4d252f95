"""The response of the agents on a node."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from pacemaker_os.cluster.instances import show
from pacemaker_os.errors import ClusterError


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "localhost",
            "cibadmin failed: Init failed",
            "Pacemaker is not running on this machine; start it, or",
        ),
        ("n1", "cibadmin failed: Init failed", "Pacemaker is not running on n1; start it, or connect"),
        ("n1", "cannot read credentials", "n1: cannot read credentials"),
    ],
)
def test_error_of_the_agents_names_the_remedy(name: str, error: str, message: str) -> None:
    result = SimpleNamespace(stdout=json.dumps({"error": error}), error_text="")
    transport: Any = SimpleNamespace(name=name, run=lambda *_arguments, **_options: result)
    with pytest.raises(ClusterError) as caught:
        show(transport, "status")
    assert message in str(caught.value)
