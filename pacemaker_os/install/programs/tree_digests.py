"""Runs on a node: the files of a folder by digest, and when the newest was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def main(path: str) -> None:
    """Print every file below `path` by its relative path; hidden and unfinished ones are left out."""
    folder = Path(path)
    found = sorted(each for each in folder.rglob("[!.]*") if each.is_file())
    files = {str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() for each in found}
    print(json.dumps({"files": files, "newest": max((each.stat().st_mtime for each in found), default=0.0)}))
