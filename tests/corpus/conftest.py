"""These tests take longer than unit tests, and share a helper with them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "unit/document"))
