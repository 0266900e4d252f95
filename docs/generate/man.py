"""The man page: from click's own description of each command, as the page of commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from generate.commands import contexts

HEAD = """\
.\\" Written by `python docs/generate`; change the commands' own help instead.
.TH PCS-OS 1 "" "pacemaker-os" "User Commands"
.SH NAME
pcs-os \\- a Pacemaker cluster as a document: planned, applied, proven
.SH SYNOPSIS
.B pcs-os
.RI [ options ]
.I command
.RI [ arguments ]
.SH DESCRIPTION
A cluster is a document,
.IR cluster.cib.yaml .
.B pcs-os plan
shows what a change of it would do to running services,
.B pcs-os apply
makes it so, once and whole, or not at all.
.PP
Commands act on this machine's cluster, or on the one that
.BR \\-\\-container ,
.B \\-\\-ssh
or
.B \\-\\-cib\\-file
names. Each has
.BR \\-\\-help .
.SH COMMANDS
"""

TAIL = """\
.SH EXIT STATUS
.TP
.B 0
Done; of
.BR plan :
there is nothing to do.
.TP
.B 1
An error; what was wrong is on standard error, with its place and a code.
.TP
.B 2
Of
.BR plan :
there are changes.
.TP
.B 3
Somebody else changed the configuration meanwhile; nothing was written.
.TP
.B 4
There would have been effects that were not allowed; nothing was written.
.TP
.B 5
Of
.BR check :
a loss of nodes that is not survived.
.TP
.B 130
Ended by Ctrl-C.
.SH ENVIRONMENT
.TP
.B NO_COLOR
Print without colour.
.TP
.B PCS_OS_SECRETS
A folder of files that hold the secrets which documents name.
.TP
.BI PCS_OS_SECRET_ NAME
The value of one secret.
.SH FILES
.TP
.I /var/lib/pacemaker-os/history
What was applied, on every cluster node.
.TP
.I /usr/share/pacemaker-os/cib
Documents to start from, and the JSON Schema for editors.
.SH SEE ALSO
.BR crm_mon (8),
.BR crm_simulate (8),
.BR cibadmin (8),
.BR pcs (8)
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(section(context) for context in contexts() if context.parent) + TAIL


def section(context: click.Context) -> str:
    """Return what is to be said of one command."""
    usage = " ".join(context.command.collect_usage_pieces(context))
    lines = [f".SS {escaped(context.command_path.partition(' ')[2])}", f".B {escaped(context.command_path)}"]
    lines += [escaped(usage), ".PP", *prose(inspect.cleandoc(context.command.help or ""))]
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts and record[1]:
            lines += [".TP", f".B {escaped(record[0])}", escaped(record[1])]
    return "\n".join(lines) + "\n"


def prose(text: str) -> Iterator[str]:
    """The lines of a help text; what stands after a \\b keeps its lines."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield ".nf"
            yield from map(escaped, paragraph.splitlines()[1:])
            yield ".fi"
        else:
            yield escaped(" ".join(paragraph.split()))


def escaped(text: str) -> str:
    """Return a text that roff prints as it is; a dot or quote that begins a line is no request."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", plain)
