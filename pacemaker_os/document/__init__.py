"""The document `cluster.cib.yaml`, which declares the configuration of a cluster.

`load` and `read` return the CIB that a document declares; `dump` returns the document of a CIB.
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.document.dump import dump
from pacemaker_os.document.load import Document, load, read
from pacemaker_os.document.problems import DocumentError
from pacemaker_os.document.source import Source

__all__ = ["Document", "DocumentError", "Source", "dump", "json_schema", "load", "read"]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of documents."""
    from pacemaker_os.document import editor_schema

    return editor_schema.json_schema()
