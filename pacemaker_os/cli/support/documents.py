"""Read the files of documents; the package `document` itself does no I/O."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pacemaker_os.cluster.target import STANDARD_INPUT
from pacemaker_os.document import Document, Source, read
from pacemaker_os.errors import InputError, Problem, file_problem, read_failure

#: Maximum size of a document, in bytes. A document of 5,000 clones and as many orders has 0.5 MB.
MAX_BYTES = 8 * 1024 * 1024

#: The name of a document that is read from standard input.
STDIN_NAME = "stdin"

REMEDY = "; run `pcs-os init` to create a document"


def read_documents(paths: Sequence[str], variables: Mapping[str, str]) -> Document:
    """Return the files at `paths` as one document.

    `variables` come from the command line and take precedence over environment variables, which take
    precedence over `vars:` in a document. Raises InputError for a file that cannot be read and DocumentError
    for errors in a document, or for a variable of the command line that no document uses or declares.
    """
    if not paths:
        raise InputError(
            [
                Problem(
                    "pcs-os",
                    0,
                    0,
                    "specify at least one document, for example cluster.cib.yaml",
                    "no-document",
                )
            ]
        )
    sources, problems = [], []
    for path in paths:
        try:
            sources.append(Source(STDIN_NAME if path == STANDARD_INPUT else path, read_text(path)))
        except (OSError, ValueError) as error:
            problems.append(file_problem(path, error, REMEDY))
    if problems:
        raise InputError(problems)
    with _without_collection():
        return read(sources, variables=variables, environment=os.environ, include=include)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Disable Python's garbage collector.

    A document becomes a tree of many small values without cycles. Searching it for cycles, again and again
    while it grows, took half of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def include(name: str, file: str) -> Source:
    """Read a file that another file includes; its name is relative to that file.

    Raises ValueError with the reason.
    """
    path = os.path.normpath(Path(file).parent / name)
    try:
        return Source(path, read_text(path))
    except OSError as error:
        raise ValueError(read_failure(error)) from None


def read_text(path: str) -> str:
    """Return the text of a file, or of standard input (`-`). Raises OSError, or ValueError with a message."""
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"the file is larger than the maximum of {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8 (byte {error.start + 1})") from error
