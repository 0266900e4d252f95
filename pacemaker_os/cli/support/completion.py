"""Shell completion of documents, nodes, variables and containers, by the names of a command's parameters.

A shell runs this at each press of Tab, so it must be fast: files are searched for names instead of being
read as documents, and a cluster that does not respond within a second completes nothing. The scripts of the
shells are in cli/completions/.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import unescape
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Names = Callable[[click.Context], Iterable[str]]
Complete = Callable[[click.Context, str], list[CompletionItem]]

#: Timeout for a command that lists names, in seconds.
TIMEOUT = 1.0

#: Maximum size of a file that is searched for names, in bytes: the user waits for the result.
MAX_BYTES = 4 * 1024 * 1024

_NODE = re.compile(r'<node [^>]*?\buname="([^"]+)"')
_OWNER = re.compile(r'<nvpair [^>]*?\bname="pcs-os-owner\.([^"]+)"')
_LABEL = "pacemaker-os.{}"


def attach(command: click.Command) -> click.Command:
    """Attach completions to the parameters of a command and of its subcommands."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            attach(each)
    for parameter in command.params:
        names = NAMES.get(f"{command.name} {parameter.name}") or NAMES.get(parameter.name or "")
        files = FILES.get(parameter.name or "")
        if names is not None:
            _set(parameter, partial(_complete, names, parameter.name or ""))
        elif files is not None:
            _set(parameter, partial(_complete_files, files))
    return command


def _set(parameter: click.Parameter, complete: Complete) -> None:
    # click accepts a completion only in the declaration of a parameter, where every command would need it.
    parameter.shell_complete = complete  # type: ignore[method-assign, assignment]


def _complete(names: Names, parameter: str, context: click.Context, typed: str) -> list[CompletionItem]:
    given = context.params.get(parameter) or ()
    known = sorted(set(names(context)) - set(given if isinstance(given, tuple) else ()))
    # In a comma-separated list, only the last item is completed.
    before, last = typed[: typed.rfind(",") + 1], typed.rpartition(",")[2]
    return [CompletionItem(f"{before}{name}") for name in known if name.startswith(last)]


def _complete_files(extensions: tuple[str, ...], context: click.Context, typed: str) -> list[CompletionItem]:
    """Complete directories, and files with one of the extensions."""
    parent, _, start = typed.rpartition("/")
    directory = Path(parent or ("/" if typed.startswith("/") else "."))
    prefix = typed[: len(typed) - len(start)]
    found = []
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if not path.name.startswith(start) or (path.name.startswith(".") and not start):
            continue
        if path.is_dir():
            found.append(CompletionItem(f"{prefix}{path.name}/"))
        elif path.name.endswith(extensions):
            found.append(CompletionItem(f"{prefix}{path.name}"))
    return found


def nodes(context: click.Context) -> Iterator[str]:
    """Return the nodes of the target cluster, and those of the documents."""
    yield from _NODE.findall(_cib(context))
    for name in _document_keys(context, "nodes"):
        yield from _expanded(name)


def variables(context: click.Context) -> Iterator[str]:
    """Return the variables of the documents, each with an equals sign."""
    return (f"{name}=" for name in _document_keys(context, "vars"))


def containers(context: click.Context) -> list[str]:
    """Return the containers of the cluster nodes of all running labs."""
    label = f"label={_LABEL.format('role')}=node"
    return _run(["docker", "ps", "--filter", label, "--format", "{{.Names}}"]).split()


def labs(context: click.Context) -> list[str]:
    """Return the names of all labs."""
    label = _LABEL.format("lab")
    form = f'{{{{.Label "{label}"}}}}'
    return _run(["docker", "ps", "--all", "--filter", f"label={label}", "--format", form]).split()


def lab_nodes(context: click.Context) -> list[str]:
    """Return the nodes of the lab on the command line."""
    of = f"label={_LABEL.format('lab')}={context.params.get('name') or 'lab'}"
    form = f'{{{{.Label "{_LABEL.format("node")}"}}}}'
    return _run(["docker", "ps", "--all", "--filter", of, "--format", form]).split()


def releases(context: click.Context) -> Iterable[str]:
    """Return the Debian releases for the nodes of a lab."""
    from pacemaker_os.lab.releases import RELEASES

    return RELEASES


def images(context: click.Context) -> Iterable[str]:
    """Return the images for the nodes of a lab."""
    from pacemaker_os.lab.shape import IMAGES

    return IMAGES


def hosts(context: click.Context) -> list[str]:
    """Return the hosts in the configuration file of the SSH client."""
    config = _text(Path.home() / ".ssh" / "config")
    named = re.findall(r"^\s*Host\s+(.+)$", config, re.MULTILINE | re.IGNORECASE)
    return [host for line in named for host in line.split() if not set("*?!") & set(host)]


def topology_nodes(context: click.Context) -> Iterator[str]:
    """Return the nodes of the topology on the command line."""
    return keys(_text(Path(context.params.get("topology") or "")), "nodes")


def applies(context: click.Context) -> list[str]:
    """Return the IDs of the applies to a CIB file; reading those of a cluster would take too long."""
    file = context.params.get("cib_file")
    directory = Path(f"{file}.history")
    return [path.stem for path in directory.iterdir()] if file and directory.is_dir() else []


def owning_documents(context: click.Context) -> Iterator[str]:
    """Return the names of the documents in the ownership record."""
    return (unescape(name) for name in _OWNER.findall(_cib(context)))


def agents(context: click.Context) -> list[str]:
    """Return the names of the agents."""
    from pacemaker_os.install.agents import agent_names

    return agent_names()


def verbs(context: click.Context) -> Iterable[str]:
    """Return the effects that --allow accepts."""
    from pacemaker_os.plan.prediction.effects import VERBS

    return VERBS


#: The names that complete a parameter, by its name, or by its command and its name.
NAMES: dict[str, Names] = {
    "container": containers,
    "ssh": hosts,
    "variables": variables,
    "allow": verbs,
    "identifier": applies,
    "failed_nodes": nodes,
    "forget names": owning_documents,
    "plan node": nodes,
    "history node": nodes,
    "remove-node nodes": topology_nodes,
    "fault nodes": lab_nodes,
    "exec node": lab_nodes,
    "exec name": labs,
    "down name": labs,
    "up name": labs,
    "up release": releases,
    "up image": images,
    "status name": labs,
    "fault name": labs,
    "metadata name": agents,
    "test names": agents,
}

#: The extensions of the files that a parameter accepts.
FILES = {
    "documents": (".yaml", ".yml"),
    "document": (".yaml", ".yml"),
    "topology": (".yaml", ".yml"),
    "cib_file": (".xml", ".raw"),
    "saved": (".json",),
    "results": (".json",),
    "output": ("",),
}


def keys(text: str, section: str) -> Iterator[str]:
    """Yield the keys of a section in the text of a document, which may be incomplete or invalid."""
    found = re.search(
        rf"^{section}:[^\n]*\n((?:[ \t]+[^\n]*\n|[ \t]*#[^\n]*\n|\n)*)", f"{text}\n", re.MULTILINE
    )
    lines = found[1].splitlines() if found else []
    first = next((re.match(r" +", line) for line in lines if re.match(r" +[^\s#]", line)), None)
    for line in lines if first else ():
        if key := re.match(rf"{first[0]}([\"']?)([^\s#\"':-][^:\"']*)\1:", line):  # type: ignore[index]
            yield key[2]


def _document_keys(context: click.Context, section: str) -> Iterator[str]:
    """Yield the keys of a section in the documents on the command line or in the current directory."""
    given = context.params.get("documents") or ()
    if not given and not any(context.params.get(option) for option in ("cib_file", "container", "ssh")):
        given = sorted(str(path) for path in Path().glob("*.cib.yaml"))
    for name in given:
        yield from keys(_text(Path(name)), section)


def _expanded(name: str) -> list[str]:
    """Return the nodes of a name or of a range of names."""
    if "[" not in name:
        return [name]
    from pacemaker_os.document.forms.nodes import expand

    try:
        return expand(name)
    except ValueError:
        return []


def _cib(context: click.Context) -> str:
    """Return the CIB of the target; nothing for SSH, which could prompt for a password."""
    if file := context.params.get("cib_file"):
        return _text(Path(file))
    if container := context.params.get("container"):
        return _run(["docker", "exec", "--", str(container), "cibadmin", "--query"])
    return "" if context.params.get("ssh") else _run(["cibadmin", "--query"])


def _run(argv: list[str]) -> str:
    """Return the output of a command; nothing if it fails or times out."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _text(path: Path) -> str:
    """Return the text of a file; nothing if it cannot be read."""
    try:
        return path.read_text() if path.stat().st_size <= MAX_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""
