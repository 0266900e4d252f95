"""What is to be done on a host: what it shall have, less what it has. Values and a comparison; no I/O."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pacemaker_os.install.changes.systemd_overrides import HAND_OVER
from pacemaker_os.install.facts.host_facts import (
    HOSTS,
    NO_STARTS,
    POLICY,
    FileFacts,
    HostFacts,
    digest,
    settings_of,
)
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.secret import Secret

_BEGIN, _END = "# The nodes of the cloud: pacemaker-os", "# The end of the nodes of the cloud"

#: States in which systemd starts nothing at boot.
_AT_REST = ("disabled", "masked", "static", "indirect", "masked-runtime", "")

#: Values that nobody shall see, whoever wrote them: of such keys, and in addresses with a login.
_CONFIDENTIAL = (
    re.compile(r"(?im)^(\s*[\w.-]*(?:password|secret|token|auth_key)[\w.-]*\s*[=:]\s*).+$"),
    re.compile(r"(:)[^\s/:@,]+(?=@)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWork:
    """What is to be done on a host; everything empty means that it is as it shall be.

    `leftover` are files of a deployment that was cut off.
    """

    host: str
    packages: tuple[str, ...] = ()
    files: tuple[WantedFile, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
    disable: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    leftover: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (
                *(self.packages, self.files, self.folders, self.disable, self.mask, self.enable),
                *(self.settings, self.leftover),
            )
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A change as people read it; `difference` is a unified one, with stars for secrets."""

    host: str
    kind: str
    subject: str
    why: str
    difference: str = ""


def host_work(wanted: WantedHost, facts: HostFacts, addresses: Mapping[str, str]) -> HostWork:
    """Compare what a host shall have with what it has; `addresses` are those of the nodes, by name."""
    files = [file for file in wanted.files if _why_file(file, facts.files.get(file.path))]
    files += _hosts_file(facts, addresses)
    return HostWork(
        host=wanted.host,
        packages=tuple(name for name in wanted.packages if name not in facts.packages),
        files=tuple(files),
        folders=tuple(pair for pair in wanted.folders if facts.folders.get(pair[0]) != pair[1]),
        disable=tuple(name for name in wanted.owned if _starts_by_itself(name, facts)),
        mask=tuple(name for name in wanted.masked if not _masked(name, facts)),
        enable=tuple(name for name in wanted.enabled if not _stays_on(name, facts)),
        settings=tuple(
            file.path
            for file in wanted.files
            if any(facts.settings.get(key) != value for key, value in settings_of(file))
        ),
        leftover=_leftover(facts),
    )


def _leftover(facts: HostFacts) -> tuple[str, ...]:
    """What keeps packages from starting services, if it is ours."""
    there = facts.files.get(POLICY)
    return (POLICY,) if there and there.digest == hashlib.sha256(NO_STARTS).hexdigest() else ()


def described(work: HostWork, facts: HostFacts, secrets: Iterable[Secret] = ()) -> Iterator[Change]:
    """Say what is to be done, a change at a time; none of the `secrets` is shown."""
    words = tuple(secret.reveal() for secret in secrets)
    for name in work.packages:
        yield Change(work.host, "package", name, "is not installed")
    for name in work.disable:
        yield Change(work.host, "unit", name, "is started by systemd at boot; Pacemaker will start it")
    for name in work.mask:
        yield Change(work.host, "unit", name, "must not run; it is masked")
    for name in work.enable:
        yield Change(work.host, "unit", name, "is to be started by systemd, now and at boot")
    for path, owner in work.folders:
        now = facts.folders.get(path)
        yield Change(work.host, "folder", path, f"is owned by {now}, not {owner}" if now else "is missing")
    for file in work.files:
        there = facts.files.get(file.path)
        yield Change(work.host, "file", file.path, _why_file(file, there), _difference(file, there, words))
    for path in work.leftover:
        yield Change(work.host, "file", path, "is left of an installation that was cut off")
    for path in work.settings:
        yield Change(work.host, "setting", path, "the kernel does not have its values")


def _why_file(file: WantedFile, there: FileFacts | None) -> str:
    """What is wrong with a file; empty when nothing is."""
    if there is None:
        return "is missing"
    if there.digest != digest(file):
        return "has another content"
    if there.owner != file.owner:
        return f"is owned by {there.owner}, not {file.owner}"
    return f"has mode {there.mode:04o}, not {file.mode:04o}" if there.mode != file.mode else ""


def _starts_by_itself(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    return unit is not None and unit.known and unit.enabled not in _AT_REST


def _masked(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    return unit is not None and unit.enabled.startswith("masked")


def _stays_on(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    return unit is not None and (unit.active or unit.unfit) and unit.enabled in ("enabled", "static")


def _hosts_file(facts: HostFacts, addresses: Mapping[str, str]) -> Iterable[WantedFile]:
    """The file of names, where a name stands for nothing, another address, or this machine's loopback."""
    there = facts.files.get(HOSTS)
    if all(_known_well(facts.names.get(name, ()), address) for name, address in addresses.items()):
        return
    kept = _without_names(there.text if there else "", set(addresses))
    block = "".join(f"{address}\t{name}\n" for name, address in addresses.items())
    text = f"{kept}{_BEGIN}\n{block}{_END}\n"
    yield WantedFile(
        path=HOSTS, content=Secret(text), shown=text, owner="root:root", mode=0o644, service=HAND_OVER
    )


def _known_well(found: tuple[str, ...], address: str) -> bool:
    return address in found and not any(each.startswith("127.") or each == "::1" for each in found)


def _without_names(text: str, names: set[str]) -> str:
    """The text without our block, and without lines that say other things of these names."""
    text = re.sub(rf"{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n", "", text, flags=re.DOTALL)
    lines = (line for line in text.splitlines() if not names & set(line.partition("#")[0].split()[1:]))
    return "".join(f"{line}\n" for line in lines)


def _difference(file: WantedFile, there: FileFacts | None, secrets: Iterable[str]) -> str:
    """What changes in a file, as a unified difference that shows no secret."""
    if (there and not there.text) or not file.shown.strip("*\n"):
        return ""
    before = _said(starred(there.text, secrets)) if there else ""
    lines = difflib.unified_diff(
        before.splitlines(),
        _said(starred(file.shown, secrets)).splitlines(),
        "there",
        "wanted",
        lineterm="",
        n=1,
    )
    return "\n".join(lines)


def starred(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with stars for secrets, and for whatever looks like one."""
    for secret in secrets:
        text = text.replace(secret, "*****")
    for pattern in _CONFIDENTIAL:
        text = pattern.sub(r"\1*****", text)
    return text


def _said(text: str) -> str:
    """The text without comments and empty lines: packages bring files of thousands of them."""
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";")))
    return "".join(f"{line}\n" for line in lines)
