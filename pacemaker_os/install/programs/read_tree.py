"""Runs on a node: prints the content of the files in a directory, in base64."""

from __future__ import annotations

import base64
import json
from pathlib import Path


def main(path: str) -> None:
    """Print each file below `path` by its relative path. Hidden and temporary files are skipped."""
    root = Path(path)
    found = sorted(each for each in root.rglob("[!.]*") if each.is_file())
    files = {str(each.relative_to(root)): base64.b64encode(each.read_bytes()).decode() for each in found}
    print(json.dumps(files))
