"""These tests share the looks at clusters that the tests of states are made of."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "cluster/state"))
