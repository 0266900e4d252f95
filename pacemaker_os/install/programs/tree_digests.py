"""Runs on a node: prints the digests of the files in a directory, and the time of the newest file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def main(path: str) -> None:
    """Print each file below `path` by its relative path. Hidden and temporary files are skipped."""
    root = Path(path)
    found = sorted(each for each in root.rglob("[!.]*") if each.is_file())
    files = {str(each.relative_to(root)): hashlib.sha256(each.read_bytes()).hexdigest() for each in found}
    print(json.dumps({"files": files, "newest": max((each.stat().st_mtime for each in found), default=0.0)}))
