"""Filling in the templates of pages: what they can name, and two readings, the true one and the shown one.

- host: the host that a file is for (host.name, host.address, host.interface)
- cloud: the cloud (cloud.name, cloud.region, cloud.prefix)
- vip(SERVICE): the virtual address of a service; url(SERVICE, PORT): http or https at that address
- hosts(ROLE): the hosts of a role; members(ROLE, PORT): their ADDRESS:PORT with commas; for what is no role,
  those of the controllers
- loopback: where a host asks its own uWSGI units, 127.0.0.1 where they listen there, too
- secret(NAME): a secret; stars in the shown reading
- setting(NAME): what was chosen, or its default
- has(SERVICE): whether the cloud has a service
- transport_url: the message bus
- ca: the file of authorities to trust, empty without TLS
- listeners(): what haproxy listens on
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, select_autoescape

from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.errors import CatalogueError, unknown
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.secret import Secret

#: What a secret may consist of: it stands in URLs, ini files, SQL and Python alike, unquoted.
_SAFE = re.compile(r"[A-Za-z0-9._~-]+")

#: Nothing here is HTML.
_ENVIRONMENT = Environment(
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=select_autoescape((), default_for_string=False),
)


@cache
def _compiled(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills templates for a cloud.

    Raises CatalogueError for a secret that is missing, or that cannot be written everywhere.
    """

    cloud: Cloud
    secrets: Mapping[str, Secret]
    listeners: Callable[[Filler, Callable[[str], str], Host | None], str] = lambda filler, fill, host: ""

    def true(self, text: str, host: Host | None = None) -> str:
        """The text with its secrets."""
        return self._fill(text, host, self._reveal)

    def shown(self, text: str, host: Host | None = None) -> str:
        """The text with stars for its secrets."""
        return self._fill(text, host, lambda name: str(Secret(name)))

    def names(self, text: str, host: Host) -> tuple[str, ...]:
        """The secrets that the text names on a host."""
        found: list[str] = []

        def note(name: str) -> str:
            found.append(name)
            return name

        self._fill(text, host, note)
        return tuple(found)

    def setting(self, name: str) -> str:
        """What was chosen for a setting, or its default."""
        if name not in SETTINGS:
            raise unknown("setting", name, SETTINGS)
        return self.cloud.settings.get(name) or SETTINGS[name].in_release(self.cloud.release)

    def chosen(self, where: Mapping[str, str]) -> bool:
        """Whether the settings are as `where` says: one of the words between |, or for `*` any at all."""
        return all(
            bool(self.setting(name)) if words == "*" else self.setting(name) in words.split("|")
            for name, words in where.items()
        )

    def url(self, service: str, port: int) -> str:
        """Where clients reach a service."""
        scheme = "https" if self.setting("tls") == "yes" else "http"
        return f"{scheme}://{self.cloud.vip(service)}:{port}"

    def members(self, name: str, port: int) -> str:
        """ADDRESS:PORT of every host of a role, or of the controllers."""
        hosts = self.cloud.with_role(name) or self.cloud.with_role("controller")
        return ",".join(f"{host.address}:{port}" for host in hosts)

    def _reveal(self, name: str) -> str:
        if name not in self.secrets:
            raise CatalogueError(f"there is no secret '{name}'", code="no-secret")
        value = self.secrets[name].reveal()
        if not _SAFE.fullmatch(value):
            raise CatalogueError(
                f"secret '{name}' has a character other than letters, digits and . _ ~ -; each of the "
                "files that hold it would have to write it in another way: choose one without",
                code="secret-characters",
            )
        return value

    def _fill(self, text: str, host: Host | None, secret: Callable[[str], str]) -> str:
        if "{" not in text:
            return text
        bus = self.cloud.with_role("controller")
        login = f"openstack:{secret('rabbitmq')}" if "transport_url" in text else ""
        words: dict[str, Any] = {
            "cloud": self.cloud,
            "vip": self.cloud.vip,
            "url": self.url,
            "members": self.members,
            "hosts": self.cloud.with_role,
            "secret": secret,
            "setting": self.setting,
            "has": self.cloud.services.__contains__,
            "transport_url": "rabbit://" + ",".join(f"{login}@{member.address}:5672" for member in bus) + "/",
            "listeners": lambda: self.listeners(self, lambda line: self._fill(line, host, secret), host),
            "ca": self.setting("tls_ca") if self.setting("tls") == "yes" else "",
        }
        if host is not None:
            words |= {
                "host": host,
                "loopback": "127.0.0.1" if self.cloud.family == "debian" else host.address,
            }
        return _compiled(text).render(words)
