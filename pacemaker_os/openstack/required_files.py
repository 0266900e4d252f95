"""Files that the operator must provide on hosts before a deployment, because pcs-os cannot generate them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.cloud import ROLES, Cloud, Host
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.openstack.template import TemplateRenderer


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredFile:
    """A file that a setting names, on all hosts of these roles or only the first; `where` as in `File`."""

    setting: str
    roles: tuple[str, ...]
    only_first: bool = False
    where: Mapping[str, str] = field(default_factory=dict)


REQUIRED_FILES = (
    RequiredFile(setting="tls_pem", roles=("front",), where={"tls": "yes"}),
    RequiredFile(setting="tls_ca", roles=ROLES, where={"tls": "yes"}),
    RequiredFile(
        setting="test_image_file", roles=("controller",), only_first=True, where={"test_image_file": "*"}
    ),
)


def required_files(cloud: Cloud, host: Host) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that the operator must provide on a host, with its description."""
    renderer = TemplateRenderer(cloud, {})
    for file in REQUIRED_FILES:
        hosts = [found for role in file.roles for found in cloud.with_role(role)]
        if host in (hosts[:1] if file.only_first else hosts) and renderer.matches(file.where):
            description = SETTINGS[file.setting].description.rstrip(".")
            yield renderer.setting(file.setting), f"{description} (setting {file.setting})"
