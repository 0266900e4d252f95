"""The environment of an administrator's client, and the openrc file that sets it."""

from __future__ import annotations

from collections.abc import Mapping

#: The environment of a client that logs in as administrator.
ADMIN = {
    "OS_AUTH_URL": "{{ url('keystone', 5000) }}/v3",
    "OS_USERNAME": "admin",
    "OS_PASSWORD": "{{ secret('admin') }}",
    "OS_PROJECT_NAME": "admin",
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_DOMAIN_NAME": "Default",
    "OS_REGION_NAME": "{{ cloud.region }}",
    "OS_IDENTITY_API_VERSION": "3",
    "OS_CACERT": "{{ ca }}",
}


def openrc(environment: Mapping[str, str]) -> str:
    """Return a shell script that sets this environment when it is sourced."""
    lines = (f"export {name}={value}\n" for name, value in environment.items() if name != "OS_CACERT")
    return "".join(lines) + "{% if ca %}\nexport OS_CACERT={{ ca }}\n{% endif %}\n"
