"""How to log in to Keystone: a file of OS_ variables, as every OpenStack client knows them; root's alone."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, PERM, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the credentials are unless a parameter says otherwise.
DEFAULT = "/etc/pacemaker-os/nova.conf"

INTERFACES = ("internal", "public", "admin")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or an application credential; `secret` is never printed."""

    auth_url: str
    identity: Mapping[str, object] = field(repr=False)
    scope: Mapping[str, object] | None
    region: str = ""
    interface: str = "internal"
    ca_file: str = ""


def read(path: str) -> Credentials:
    """The credentials in a file. Raises Failure when it is missing, readable by others, or incomplete."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # pathlib is too slow for a monitor
    except OSError as error:
        raise Failure(f"credentials file {path}: {error.strerror}", INSTALLED) from None
    if stat.S_IMODE(mode) & 0o077:
        raise Failure(f"credentials file {path} can be read by others; chmod 600 {path}", PERM)
    text = files.read(path)
    if text is None:
        raise Failure(f"credentials file {path} cannot be read", PERM)
    return parse(variables(text), path)


def variables(text: str) -> dict[str, str]:
    """The variables of an openrc file: NAME=VALUE, with or without `export` and quotes."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[name.strip()] = value[1:-1] if quoted else value
    return found


def parse(said: Mapping[str, str], path: str) -> Credentials:
    """Credentials from variables. Raises Failure that names what is missing."""
    url = said.get("OS_AUTH_URL", "").rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise Failure(f"credentials file {path}: OS_AUTH_URL is no http or https address", CONFIGURED)
    interface = said.get("OS_INTERFACE", "internal").removesuffix("URL")
    if interface not in INTERFACES:
        raise Failure(
            f"credentials file {path}: OS_INTERFACE must be one of {', '.join(INTERFACES)}", CONFIGURED
        )
    by_application = said.get("OS_APPLICATION_CREDENTIAL_ID") or said.get("OS_APPLICATION_CREDENTIAL_NAME")
    identity, scope = (by_application_credential if by_application else by_password)(said, path)
    return Credentials(
        url if url.endswith("/v3") else f"{url}/v3",
        identity,
        scope,
        said.get("OS_REGION_NAME", ""),
        interface,
        said.get("OS_CACERT", ""),
    )


def needed(said: Mapping[str, str], path: str, *names: str) -> list[str]:
    """The values of `names`. Raises Failure when one is missing."""
    missing = [name for name in names if not said.get(name)]
    if missing:
        raise Failure(f"credentials file {path} lacks {', '.join(missing)}", CONFIGURED)
    return [said[name] for name in names]


def domain(said: Mapping[str, str], kind: str) -> dict[str, str]:
    """The domain of the user or the project."""
    if said.get(f"OS_{kind}_DOMAIN_ID"):
        return {"id": said[f"OS_{kind}_DOMAIN_ID"]}
    return {"name": said.get(f"OS_{kind}_DOMAIN_NAME", "Default")}


def by_password(said: Mapping[str, str], path: str) -> tuple[dict[str, object], dict[str, object]]:
    """Keystone's identity and scope of a user."""
    user, password, project = needed(said, path, "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME")
    who = {"name": user, "domain": domain(said, "USER"), "password": password}
    identity: dict[str, object] = {"methods": ["password"], "password": {"user": who}}
    return identity, {"project": {"name": project, "domain": domain(said, "PROJECT")}}


def by_application_credential(said: Mapping[str, str], path: str) -> tuple[dict[str, object], None]:
    """Keystone's identity of an application credential, which has its scope in itself."""
    (secret,) = needed(said, path, "OS_APPLICATION_CREDENTIAL_SECRET")
    who: dict[str, object] = {"secret": secret}
    if said.get("OS_APPLICATION_CREDENTIAL_ID"):
        who["id"] = said["OS_APPLICATION_CREDENTIAL_ID"]
    else:
        (user,) = needed(said, path, "OS_USERNAME")
        who |= {
            "name": said["OS_APPLICATION_CREDENTIAL_NAME"],
            "user": {"name": user, "domain": domain(said, "USER")},
        }
    return {"methods": ["application_credential"], "application_credential": who}, None
