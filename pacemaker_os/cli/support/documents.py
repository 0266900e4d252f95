"""Reads the files of documents: what the document room, which touches no file, is given to read."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pacemaker_os.document import Document, Source, read
from pacemaker_os.errors import InputError, Problem

#: A document of 5,000 clones and as many orders has half a megabyte; more than this is no document.
MAX_BYTES = 8 * 1024 * 1024


def read_documents(paths: Sequence[str], variables: Mapping[str, str]) -> Document:
    """Return what the files at `paths` say together.

    `variables` come from the command line; the environment's come after them, and before those that a
    document's `vars:` gives. Raises InputError for a file that cannot be read, DocumentError for what is
    wrong in it.
    """
    if not paths:
        raise InputError(
            [Problem("pcs-os", 0, 0, "name at least one document, as in cluster.cib.yaml", "no-document")]
        )
    sources, problems = [], []
    for path in paths:
        try:
            sources.append(Source(path, read_text(path)))
        except (OSError, ValueError) as error:
            problems.append(Problem(path, 0, 0, reason(error), "unreadable"))
    if problems:
        raise InputError(problems)
    with _without_collection():
        return read(sources, variables={**os.environ, **variables}, include=include)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep Python's garbage collector from looking at every new value again and again.

    A document becomes a tree of small values without cycles; searching it for cycles took half the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def include(name: str, file: str) -> Source:
    """Read a file that another one includes, beside which it is looked for."""
    path = os.path.normpath(Path(file).parent / name)
    return Source(path, read_text(path))


def read_text(path: str) -> str:
    """Return the text of a file. Raises OSError, or ValueError with a sentence."""
    with Path(path).open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB; no document is")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8 (byte {error.start + 1})") from error


def reason(error: OSError | ValueError) -> str:
    """Return why a file cannot be read, as a sentence."""
    if isinstance(error, IsADirectoryError):
        return "this is a directory; name a file in it"
    if isinstance(error, FileNotFoundError):
        return "there is no such file; `pcs-os init` writes a first document"
    if isinstance(error, OSError):
        return f"the file cannot be read: {(error.strerror or str(error)).lower()}"
    return str(error)
