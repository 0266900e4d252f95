"""What the shell may complete: documents, nodes, variables, containers, as a command's parameters are called.

Asked at each press of Tab, so nothing here takes long: files are searched for names rather than read as
documents, a cluster is given a second to answer, and whoever does not answer completes nothing.
The shells' own parts are in cli/completions/.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Words = Callable[[click.Context], Iterable[str]]
Complete = Callable[[click.Context, str], list[CompletionItem]]

#: Seconds that a cluster may take to tell its names.
PATIENCE = 1.0

#: A document or CIB larger than this is not searched while somebody waits, in bytes.
LARGEST = 4 * 1024 * 1024

VERBS = ("start", "stop", "restart", "move", "migrate", "promote", "demote", "fence")

_NODE = re.compile(r'<node [^>]*?\buname="([^"]+)"')
_LABELLED = "pacemaker-os.{}"


def attach(command: click.Command) -> click.Command:
    """Give a command's parameters, and those of the commands in it, what completes them."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            attach(each)
    for parameter in command.params:
        words = WORDS.get(f"{command.name} {parameter.name}") or WORDS.get(parameter.name or "")
        files = FILES.get(parameter.name or "")
        if words is not None:
            _set(parameter, partial(_complete, words, parameter.name or ""))
        elif files is not None:
            _set(parameter, partial(_complete_files, files))
    return command


def _set(parameter: click.Parameter, complete: Complete) -> None:
    # click takes this only where a parameter is declared; so each command would have to know of it.
    parameter.shell_complete = complete  # type: ignore[method-assign, assignment]


def _complete(words: Words, name: str, context: click.Context, begun: str) -> list[CompletionItem]:
    given = context.params.get(name) or ()
    known = sorted(set(words(context)) - set(given if isinstance(given, tuple) else ()))
    # Of a list with commas, the last word is the one that was begun.
    kept, last = begun[: begun.rfind(",") + 1], begun.rpartition(",")[2]
    return [CompletionItem(f"{kept}{word}") for word in known if word.startswith(last)]


def _complete_files(endings: tuple[str, ...], context: click.Context, begun: str) -> list[CompletionItem]:
    """Files with one of the endings, and folders, which may hold some."""
    folder, _, start = begun.rpartition("/")
    where = Path(folder or ("/" if begun.startswith("/") else "."))
    prefix = begun[: len(begun) - len(start)]
    found = []
    for path in sorted(where.iterdir()) if where.is_dir() else ():
        if not path.name.startswith(start) or (path.name.startswith(".") and not start):
            continue
        if path.is_dir():
            found.append(CompletionItem(f"{prefix}{path.name}/"))
        elif path.name.endswith(endings):
            found.append(CompletionItem(f"{prefix}{path.name}"))
    return found


def nodes(context: click.Context) -> Iterator[str]:
    """The nodes of the cluster that the command line leads to, else of the documents on it or here."""
    yield from _NODE.findall(_cib(context))
    for name in _said(context, "nodes"):
        yield from _expanded(name)


def variables(context: click.Context) -> Iterator[str]:
    """The variables of the documents, each with the sign that its value follows."""
    return (f"{name}=" for name in _said(context, "vars"))


def containers(context: click.Context) -> list[str]:
    """The cluster nodes of all labs that run."""
    label = f"label={_LABELLED.format('role')}=node"
    return _run(["docker", "ps", "--filter", label, "--format", "{{.Names}}"]).split()


def labs(context: click.Context) -> list[str]:
    """The labs there are."""
    label = _LABELLED.format("lab")
    form = f'{{{{.Label "{label}"}}}}'
    return _run(["docker", "ps", "--all", "--filter", f"label={label}", "--format", form]).split()


def lab_nodes(context: click.Context) -> list[str]:
    """The nodes of the lab that is named."""
    of = f"label={_LABELLED.format('lab')}={context.params.get('name') or 'lab'}"
    form = f'{{{{.Label "{_LABELLED.format("node")}"}}}}'
    return _run(["docker", "ps", "--all", "--filter", of, "--format", form]).split()


def releases(context: click.Context) -> Iterable[str]:
    """The releases that a lab's nodes can be made of."""
    from pacemaker_os.lab.shape import RELEASES

    return RELEASES


def images(context: click.Context) -> Iterable[str]:
    """The images that a lab's nodes can be made of."""
    from pacemaker_os.lab.shape import IMAGES

    return IMAGES


def hosts(context: click.Context) -> list[str]:
    """The hosts that ssh is told of."""
    config = _text(Path.home() / ".ssh" / "config")
    named = re.findall(r"^\s*Host\s+(.+)$", config, re.MULTILINE | re.IGNORECASE)
    return [host for line in named for host in line.split() if not set("*?!") & set(host)]


def topology_nodes(context: click.Context) -> Iterator[str]:
    """The nodes of the topology that is named."""
    return keys(_text(Path(context.params.get("topology") or "")), "nodes")


def applies(context: click.Context) -> list[str]:
    """The applies of a CIB file, the last one first; those of a cluster would take too long."""
    file = context.params.get("cib_file")
    folder = Path(f"{file}.history")
    return [path.stem for path in folder.iterdir()] if file and folder.is_dir() else []


def agents(context: click.Context) -> list[str]:
    """The agents of this version."""
    from pacemaker_os.install.agents import agent_names

    return agent_names()


def verbs(context: click.Context) -> Iterable[str]:
    """The effects that can be allowed."""
    return VERBS


#: What completes a parameter, by its name; by its command's and its own where a name means several things.
WORDS: dict[str, Words] = {
    "container": containers,
    "ssh": hosts,
    "variables": variables,
    "allow": verbs,
    "identifier": applies,
    "failed_nodes": nodes,
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

#: The endings of the files that a parameter takes.
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
    """The keys of a section of a document's text, also of one that cannot be read as a whole yet."""
    found = re.search(
        rf"^{section}:[^\n]*\n((?:[ \t]+[^\n]*\n|[ \t]*#[^\n]*\n|\n)*)", f"{text}\n", re.MULTILINE
    )
    lines = found[1].splitlines() if found else []
    first = next((re.match(r" +", line) for line in lines if re.match(r" +[^\s#]", line)), None)
    for line in lines if first else ():
        if key := re.match(rf"{first[0]}([\"']?)([^\s#\"':-][^:\"']*)\1:", line):  # type: ignore[index]
            yield key[2]


def _said(context: click.Context, section: str) -> Iterator[str]:
    """The keys of a section in the documents of the command line, else in those of this folder."""
    given = context.params.get("documents") or ()
    if not given and not any(context.params.get(way) for way in ("cib_file", "container", "ssh")):
        given = sorted(str(path) for path in Path().glob("*.cib.yaml"))
    for name in given:
        yield from keys(_text(Path(name)), section)


def _expanded(name: str) -> list[str]:
    """The nodes that a name or range is."""
    if "[" not in name:
        return [name]
    from pacemaker_os.document.forms.nodes import expand

    try:
        return expand(name)
    except ValueError:
        return []


def _cib(context: click.Context) -> str:
    """The CIB of the cluster that is named, but for one behind ssh: a password may be asked for there."""
    if file := context.params.get("cib_file"):
        return _text(Path(file))
    if container := context.params.get("container"):
        return _run(["docker", "exec", "--", str(container), "cibadmin", "--query"])
    return "" if context.params.get("ssh") else _run(["cibadmin", "--query"])


def _run(line: list[str]) -> str:
    """What a command prints; nothing when it fails or takes long."""
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _text(path: Path) -> str:
    """The text of a file; nothing when it cannot be read."""
    try:
        return path.read_text() if path.stat().st_size <= LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""
