"""Credentials for Keystone, read from a file with OS_* variables that only root can read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, PERM, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The default path of the credentials file.
DEFAULT = "/etc/pacemaker-os/nova.conf"

INTERFACES = ("internal", "public", "admin")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or an application credential. The secrets are not part of its repr."""

    auth_url: str
    identity: Mapping[str, object] = field(repr=False)
    scope: Mapping[str, object] | None
    region: str = ""
    interface: str = "internal"
    ca_file: str = ""


def read(path: str) -> Credentials:
    """Return the credentials in a file.

    Raises Failure if it is missing, readable by others, or incomplete.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # pathlib is too slow for a monitor
    except OSError as error:
        raise Failure(f"cannot read credentials file {path}: {error.strerror}", INSTALLED) from None
    if stat.S_IMODE(mode) & 0o077:
        raise Failure(f"credentials file {path} is readable by other users; run: chmod 600 {path}", PERM)
    text = files.read(path)
    if text is None:
        raise Failure(f"cannot read credentials file {path}", PERM)
    return parse(variables(text), path)


def variables(text: str) -> dict[str, str]:
    """Return the variables in an openrc file, a shell script with assignments: export NAME=VALUE.

    Values are read as by the shell. Other lines and variables are ignored. Raises Failure if a value needs
    the shell: an expansion, a substitution, or quotes that are not closed.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        assignment = line.strip()
        for prefix in ("export ", "declare -x "):
            assignment = assignment.removeprefix(prefix).lstrip()
        name, equals, value = assignment.partition("=")
        if equals and name.startswith("OS_") and name.isidentifier():
            try:
                found[name] = shell_value(value)
            except ValueError as error:
                where = f"line {number} of the credentials file"
                raise Failure(f"{where}: {name}: {error}", CONFIGURED) from None
    return found


def shell_value(text: str) -> str:
    """Return the value of an assignment in a shell. Raises ValueError, whose text contains no secret."""
    value, quote, place = "", "", 0
    while place < len(text):
        letter, following = text[place], text[place + 1 : place + 2]
        if quote != "'" and letter in "$`":
            raise ValueError("expansions are not supported; put the value in single quotes")
        if letter == "\\" and quote != "'" and following and (not quote or following in '$`"\\'):
            value, place = value + following, place + 1
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        elif not quote and letter.isspace():
            rest = text[place:].strip()
            if rest and not rest.startswith("#"):
                raise ValueError("a value with spaces must be in quotes")
            break
        elif not quote and letter in ";&|<>()":
            raise ValueError(f"a value with '{letter}' must be in quotes")
        else:
            value += letter
        place += 1
    if quote:
        raise ValueError("a quote is not closed")
    return value


def parse(values: Mapping[str, str], path: str) -> Credentials:
    """Return the credentials in variables. Raises Failure, which names missing variables."""
    url = values.get("OS_AUTH_URL", "").rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise Failure(f"credentials file {path}: OS_AUTH_URL is not a valid http or https URL", CONFIGURED)
    interface = values.get("OS_INTERFACE", "internal").removesuffix("URL")
    if interface not in INTERFACES:
        raise Failure(
            f"credentials file {path}: OS_INTERFACE must be one of {', '.join(INTERFACES)}", CONFIGURED
        )
    by_application = values.get("OS_APPLICATION_CREDENTIAL_ID") or values.get(
        "OS_APPLICATION_CREDENTIAL_NAME"
    )
    identity, scope = (by_application_credential if by_application else by_password)(values, path)
    return Credentials(
        url if url.endswith("/v3") else f"{url}/v3",
        identity,
        scope,
        values.get("OS_REGION_NAME", ""),
        interface,
        values.get("OS_CACERT", ""),
    )


def required(values: Mapping[str, str], path: str, *names: str) -> list[str]:
    """Return the values of `names`. Raises Failure if one is missing."""
    missing = [name for name in names if not values.get(name)]
    if missing:
        raise Failure(f"credentials file {path}: missing {', '.join(missing)}", CONFIGURED)
    return [values[name] for name in names]


def domain(values: Mapping[str, str], kind: str) -> dict[str, str]:
    """Return the domain of the user or of the project."""
    if values.get(f"OS_{kind}_DOMAIN_ID"):
        return {"id": values[f"OS_{kind}_DOMAIN_ID"]}
    return {"name": values.get(f"OS_{kind}_DOMAIN_NAME", "Default")}


def by_password(values: Mapping[str, str], path: str) -> tuple[dict[str, object], dict[str, object]]:
    """Return Keystone's identity and scope for a user with a password."""
    user, password, project = required(values, path, "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME")
    user_identity = {"name": user, "domain": domain(values, "USER"), "password": password}
    identity: dict[str, object] = {"methods": ["password"], "password": {"user": user_identity}}
    return identity, {"project": {"name": project, "domain": domain(values, "PROJECT")}}


def by_application_credential(values: Mapping[str, str], path: str) -> tuple[dict[str, object], None]:
    """Return Keystone's identity for an application credential, which implies its scope."""
    (secret,) = required(values, path, "OS_APPLICATION_CREDENTIAL_SECRET")
    user_identity: dict[str, object] = {"secret": secret}
    if values.get("OS_APPLICATION_CREDENTIAL_ID"):
        user_identity["id"] = values["OS_APPLICATION_CREDENTIAL_ID"]
    else:
        (user,) = required(values, path, "OS_USERNAME")
        user_identity |= {
            "name": values["OS_APPLICATION_CREDENTIAL_NAME"],
            "user": {"name": user, "domain": domain(values, "USER")},
        }
    return {"methods": ["application_credential"], "application_credential": user_identity}, None
