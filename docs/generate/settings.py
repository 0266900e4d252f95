"""The page of settings: what a topology's `settings:` can say, and which services it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from generate.markdown import code, table
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.releases import changes_of
from pacemaker_os.openstack.settings import SETTINGS, Setting

HEAD = """\
# Settings

What `settings:` of a topology can say, for `pcs-os deploy`. What is not said has its default; a name or a
word that there is not is refused with its line. A changed setting changes the files that it is in, and
only their services are restarted: `pcs-os deploy --check` says which. How a topology is written is in
[](../deploy.md).

"""

#: Settings that no page names, as they are for all services alike.
EVERYBODY = "the whole cloud"

#: Settings that stand in words of templates (`url`, `ca`) and not in a page.
IN_WORDS = {"tls": EVERYBODY, "tls_pem": code("haproxy")}


def page() -> str:
    """Return the page."""
    users = {name: ", ".join(map(code, services)) for name, services in used_by().items()} | IN_WORDS
    rows = [row(name, setting, users.get(name, EVERYBODY)) for name, setting in SETTINGS.items()]
    return HEAD + table(["setting", "is", "default", "for", "meaning"], rows)


def row(name: str, setting: Setting, users: str) -> tuple[str, str, str, str, str]:
    """Return a setting's row."""
    kind = ", ".join(map(code, setting.choices)) or setting.expected
    default = code(setting.default) if setting.default else "none"
    others = [f"{code(value)} from {release} on" for release, value in changes_of(name).items()]
    return code(name), kind, "; ".join([default, *others]), users, setting.description


def used_by() -> dict[str, list[str]]:
    """Return the services whose pages name each setting."""
    found: dict[str, list[str]] = {}
    for name, service in SERVICES.items():
        for setting in dict.fromkeys(named(asdict(service))):
            found.setdefault(setting, []).append(name)
    return found


def named(value: Any) -> Iterator[str]:
    """Yield the settings that a piece of a page names: in a template, as a condition, as what is mounted."""
    if isinstance(value, str):
        yield from re.findall(r"setting\('(\w+)'\)", value)
    elif isinstance(value, Mapping):
        yield from value.get("where") or () if isinstance(value.get("where"), Mapping) else ()
        yield from (word for key, word in value.items() if key == "setting")
        for key, inner in value.items():
            yield from named(key)
            yield from named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from named(inner)
