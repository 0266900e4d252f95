"""Share the example states of the unit tests with the tests of the report in a browser."""

from __future__ import annotations

import sys
from pathlib import Path

UNIT = Path(__file__).parents[1] / "unit"
sys.path += [str(UNIT / "render"), str(UNIT / "status")]
