"""Files that an operator lays on hosts before a deployment, because nobody else has what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pacemaker_os.openstack.cloud import ROLES, Cloud, Host
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.openstack.template import Filler


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A file that a setting names, on hosts of these roles, or on the first of them; `where` as in a File."""

    setting: str
    roles: tuple[str, ...]
    only_first: bool = False
    where: Mapping[str, str] = field(default_factory=dict)


#: All of them.
BROUGHT = (
    Brought(setting="tls_pem", roles=("front",), where={"tls": "yes"}),
    Brought(setting="tls_ca", roles=ROLES, where={"tls": "yes"}),
    Brought(setting="image_file", roles=("controller",), only_first=True, where={"image_file": "*"}),
)


def brought(cloud: Cloud, host: Host) -> Iterator[tuple[str, str]]:
    """The files that must be on a host, each with the sentence on what it is."""
    filler = Filler(cloud, {})
    for each in BROUGHT:
        hosts = [found for role in each.roles for found in cloud.with_role(role)]
        if host in (hosts[:1] if each.only_first else hosts) and filler.chosen(each.where):
            meaning = SETTINGS[each.setting].meaning.rstrip(".")
            yield filler.setting(each.setting), f"{meaning} (setting {each.setting})"
