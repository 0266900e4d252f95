"""Share the helper modules of the unit tests with these tests."""

from __future__ import annotations

import sys
from pathlib import Path

UNIT = Path(__file__).parents[1] / "unit"
sys.path += [str(path) for path in sorted(UNIT.iterdir()) if path.is_dir()]
