"""The distribution families, and everything that differs between them outside of service definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageManager:
    """How a family installs packages: the commands to run before, and the command that takes their names.

    With `starts_services`, packages start their services during installation unless policy-rc.d forbids it.
    """

    prepare: tuple[tuple[str, ...], ...]
    install: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    starts_services: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A distribution family.

    `parent` is the family whose names apply where this one has none of its own. `uwsgi` tells whether each
    API has a uWSGI unit of its own; otherwise APIs are sites of the web server. The web server is the unit
    `web_unit`, runs as `web_user`, and reads sites from files with the path `web_site`, with the site's name
    for `{}`. `unit_variables` is the directory from which systemd units read their environment.
    """

    name: str
    packages: PackageManager
    web_unit: str
    web_user: str
    web_site: str
    unit_variables: str
    uwsgi: bool = False
    parent: str = ""

    @property
    def lineage(self) -> tuple[str, ...]:
        """The names of this family, its parent, and so on."""
        return (self.name, *(FAMILIES[self.parent].lineage if self.parent else ()))

    def select(self, values: Mapping[str, Value], default: Value) -> Value:
        """Return the value for this family by its name, or else its parent's, or else `default`."""
        return next((values[name] for name in self.lineage if name in values), default)


#: Completes an interrupted installation first, and waits for other package managers.
_APT = PackageManager(
    prepare=(("dpkg", "--configure", "-a"), ("apt-get", "-qq", "update")),
    install=(
        *("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=600"),
        *("-o", "Dpkg::Options::=--force-confold", "install"),
    ),
    environment=(("DEBIAN_FRONTEND", "noninteractive"),),
    starts_services=True,
)

_DNF = PackageManager(prepare=(("dnf", "-q", "makecache"),), install=("dnf", "-q", "-y", "install"))

#: Every family by name; the first one is the default. `redhat` is RDO on CentOS Stream.
FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            name="debian",
            packages=_APT,
            web_unit="apache2",
            web_user="www-data",
            web_site="/etc/apache2/sites-available/{}.conf",
            unit_variables="/etc/default",
            uwsgi=True,
        ),
        Family(
            name="ubuntu",
            parent="debian",
            packages=_APT,
            web_unit="apache2",
            web_user="www-data",
            web_site="/etc/apache2/sites-available/{}.conf",
            unit_variables="/etc/default",
        ),
        Family(
            name="redhat",
            packages=_DNF,
            web_unit="httpd",
            web_user="apache",
            web_site="/etc/httpd/conf.d/{}.conf",
            unit_variables="/etc/sysconfig",
        ),
    )
}

DEFAULT_FAMILY = next(iter(FAMILIES))

#: The families whose APIs are uWSGI units, and those whose APIs are sites of the web server.
UWSGI_FAMILIES = tuple(name for name, family in FAMILIES.items() if family.uwsgi)
WEB_SITE_FAMILIES = tuple(name for name, family in FAMILIES.items() if not family.uwsgi)


@dataclass(frozen=True, slots=True, init=False)
class DistroNames:
    """Names of packages or units by family: `DistroNames(debian=("chrony",), redhat=("chrony",))`.

    A family without names of its own has its parent's; an empty tuple means that it has none.
    """

    by_family: Mapping[str, tuple[str, ...]]

    def __init__(self, **by_family: tuple[str, ...]) -> None:
        assert set(by_family) <= set(FAMILIES), by_family
        object.__setattr__(self, "by_family", by_family)

    def of(self, family: str) -> tuple[str, ...]:
        """Return the names in `family`."""
        return FAMILIES[family].select(self.by_family, ())
