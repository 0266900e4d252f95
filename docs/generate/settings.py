"""Generate the page of topology settings, with the services that use them."""

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

The `settings:` of a topology for `pcs-os deploy`. Unknown settings and invalid values are reported with their
line. A changed setting changes the files that contain it, and restarts only the services that use these
files. To list them, run `pcs-os deploy --check`. For the other keys of a topology, see [](../deploy.md).

"""

#: Label of settings that apply to all services.
ALL_SERVICES = "all services"

#: Settings that template functions (`url`, `ca`) use, and not service definitions.
IN_FUNCTIONS = {"tls": ALL_SERVICES, "tls_pem": code("haproxy")}


def page() -> str:
    """Return the page."""
    users = {name: ", ".join(map(code, services)) for name, services in used_by().items()} | IN_FUNCTIONS
    rows = [row(name, setting, users.get(name, ALL_SERVICES)) for name, setting in SETTINGS.items()]
    return HEAD + table(["Setting", "Type", "Default", "Used by", "Description"], rows)


def row(name: str, setting: Setting, users: str) -> tuple[str, str, str, str, str]:
    """Return the row of a setting."""
    kind = ", ".join(map(code, setting.choices)) or setting.expected
    default = code(setting.default) if setting.default else "none"
    others = [f"{code(value)} since {release}" for release, value in changes_of(name).items()]
    return code(name), kind, "; ".join([default, *others]), users, setting.description


def used_by() -> dict[str, list[str]]:
    """Return the services whose definitions use each setting."""
    found: dict[str, list[str]] = {}
    for name, service in SERVICES.items():
        for setting in dict.fromkeys(named(asdict(service))):
            found.setdefault(setting, []).append(name)
    return found


def named(value: Any) -> Iterator[str]:
    """Yield the settings that a part of a service definition uses: in templates, conditions and mounts."""
    if isinstance(value, str):
        yield from re.findall(r"setting\('(\w+)'\)", value)
    elif isinstance(value, Mapping):
        yield from value.get("where") or () if isinstance(value.get("where"), Mapping) else ()
        yield from (name for key, name in value.items() if key == "setting")
        for key, inner in value.items():
            yield from named(key)
            yield from named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from named(inner)
