"""cluster.cib.yaml: a cluster's configuration as a document that people write.

`load` and `read` give the CIB that a document says, `dump` the document of a CIB.
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.document.dump import dump
from pacemaker_os.document.load import Document, load, read
from pacemaker_os.document.problems import DocumentError
from pacemaker_os.document.source import Source

__all__ = ["Document", "DocumentError", "Source", "dump", "json_schema", "load", "read"]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a document."""
    from pacemaker_os.document import editor_schema

    return editor_schema.json_schema()
