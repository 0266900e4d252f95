"""Runs on a node: prints the files of a folder, each in base64 by its relative path."""

from __future__ import annotations

import base64
import json
from pathlib import Path


def main(path: str) -> None:
    """Print every file below `path`; hidden and unfinished ones are left out."""
    folder = Path(path)
    found = sorted(each for each in folder.rglob("[!.]*") if each.is_file())
    print(
        json.dumps(
            {str(each.relative_to(folder)): base64.b64encode(each.read_bytes()).decode() for each in found}
        )
    )
