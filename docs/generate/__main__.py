"""Generate the man page, cli/man/pcs-os.1, from the commands: `python docs/generate`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from generate.man import page  # noqa: E402 (the paths come first)

(ROOT / "cli" / "man" / "pcs-os.1").write_text(page())
