"""Rendering of the templates in service definitions, with secrets revealed or redacted.

Templates can use these names:

- host: the host that a file is for (host.name, host.address, host.interface)
- cloud: the cloud (cloud.name, cloud.region, cloud.prefix)
- family: the distribution family (family.web_user, family.unit_variables)
- by_family(NAME=VALUE, ...): the value for the family, or else for its parent, or else the empty string
- vip(SERVICE): the virtual IP address of a service; url(SERVICE, PORT): its HTTP or HTTPS URL
- hosts(ROLE): the hosts of a role; members(ROLE, PORT): their ADDRESS:PORT, separated by commas; for a name
  that is not a role, those of the controllers
- loopback: the address for local health checks of APIs, 127.0.0.1 where uWSGI units listen there as well
- secret(NAME): a secret; stars when redacted
- setting(NAME): the value of a setting, or its default
- has(SERVICE): whether the cloud has a service
- transport_url: the URL of the message bus
- ca: the CA bundle to trust, empty without TLS
- listeners(): the listeners of haproxy
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, select_autoescape

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.errors import CloudError, unknown
from pacemaker_os.openstack.families import FAMILIES, Family
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.secret import Secret

#: The characters of secrets: they need no quoting in URLs, ini files, SQL and Python.
_SAFE = re.compile(r"[A-Za-z0-9._~-]+")

#: No template is HTML, so nothing is escaped.
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
class TemplateRenderer:
    """Renders templates for a cloud; `programs` are the texts of programs for hosts, by file name.

    Raises CloudError for a secret that is missing, or that has unsafe characters.
    """

    cloud: Cloud
    secrets: Mapping[str, Secret]
    listeners: Callable[[TemplateRenderer, Callable[[str], str], Host | None], str] = (
        lambda renderer, render, host: ""
    )
    programs: Mapping[str, str] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        """The distribution family of the cloud."""
        return FAMILIES[self.cloud.family]

    def render(self, text: str, host: Host | None = None) -> str:
        """Return the text with its secrets."""
        return self._render(text, host, self._reveal)

    def redacted(self, text: str, host: Host | None = None) -> str:
        """Return the text with stars for its secrets."""
        return self._render(text, host, lambda name: str(Secret(name)))

    def secret_names(self, text: str, host: Host) -> tuple[str, ...]:
        """Return the names of the secrets that the text contains on a host."""
        found: list[str] = []

        def record(name: str) -> str:
            found.append(name)
            return name

        self._render(text, host, record)
        return tuple(found)

    def setting(self, name: str) -> str:
        """Return the value of a setting, or its default in the cloud's release."""
        if name not in SETTINGS:
            raise unknown("setting", name, SETTINGS)
        return self.cloud.settings.get(name) or SETTINGS[name].in_release(self.cloud.release)

    def matches(self, where: Mapping[str, str]) -> bool:
        """Return whether each setting has one of the values separated by |, or any value for `*`."""
        return all(
            bool(self.setting(name)) if values == "*" else self.setting(name) in values.split("|")
            for name, values in where.items()
        )

    def url(self, service: str, port: int) -> str:
        """Return the URL at which clients reach a service."""
        scheme = "https" if self.setting("tls") == "yes" else "http"
        return f"{scheme}://{self.cloud.vip(service)}:{port}"

    def members(self, name: str, port: int) -> str:
        """Return ADDRESS:PORT of every host of a role, or of the controllers, separated by commas."""
        hosts = self.cloud.with_role(name) or self.cloud.with_role("controller")
        return ",".join(f"{host.address}:{port}" for host in hosts)

    def by_family(self, **values: str) -> str:
        """Return the value for the cloud's family, or else for its parent, or else the empty string."""
        return self.family.select(values, "")

    def _reveal(self, name: str) -> str:
        if name not in self.secrets:
            raise CloudError(f"missing secret '{name}'", code="no-secret")
        value = self.secrets[name].reveal()
        if not _SAFE.fullmatch(value):
            raise CloudError(
                f"secret '{name}' contains unsupported characters; use only letters, digits and . _ ~ -, "
                "which need no quoting in any configuration file",
                code="secret-characters",
            )
        return value

    def _render(self, text: str, host: Host | None, secret: Callable[[str], str]) -> str:
        if "{" not in text:
            return text
        brokers = self.cloud.with_role("controller")
        login = f"openstack:{secret('rabbitmq')}" if "transport_url" in text else ""
        names: dict[str, Any] = {
            "cloud": self.cloud,
            "family": self.family,
            "by_family": self.by_family,
            "vip": self.cloud.vip,
            "url": self.url,
            "members": self.members,
            "hosts": self.cloud.with_role,
            "secret": secret,
            "setting": self.setting,
            "has": self.cloud.services.__contains__,
            "transport_url": "rabbit://"
            + ",".join(f"{login}@{broker.address}:5672" for broker in brokers)
            + "/",
            "listeners": lambda: self.listeners(self, lambda line: self._render(line, host, secret), host),
            "ca": self.setting("tls_ca") if self.setting("tls") == "yes" else "",
        }
        if host is not None:
            names |= {"host": host, "loopback": "127.0.0.1" if self.family.uwsgi else host.address}
        return _compiled(text).render(names)
