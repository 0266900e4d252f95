"""Keystone session and HTTP requests, with timeouts and with errors that distinguish three outcomes.

After a failed request it matters whether the server may have executed it. Therefore there are three errors:
the request was not sent (Unreachable), it was rejected (Refused), or its outcome is unknown (OutcomeUnknown).
A connection is never reused: if the server had closed it in the meantime, the outcome would be unknown.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pacemaker_os.agents.nova_evacuate.nova.credentials import Credentials

#: Timeout of one request, in seconds.
REQUEST_TIMEOUT = 20.0
#: Time, in seconds, for which a GET request is retried after server and network errors.
GET_TIMEOUT = 45.0
#: Delay between retries, in seconds.
RETRY_DELAY = 1.0
#: Maximum size of a response body, in bytes; the rest is not read.
MAX_BODY = 256 * 1024 * 1024

#: Train's Nova supports 2.79. Since 2.73, Nova reports who locked an instance and why, and embeds flavors;
#: since 2.95, it leaves evacuated instances stopped.
VERSIONS = {"compute": "2.73", "placement": "1.29"}


class Unreachable(Failure):
    """The request was not sent or not received: nothing was executed."""


class Refused(Failure):
    """The server rejected the request: nothing was executed. `status` is the HTTP status code."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class OutcomeUnknown(Failure):
    """The request was sent, but without a conclusive response: it may be executed, now or later."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send_request(request: Request) -> Response:
    """Send a request. Raises Unreachable if no connection was established, OutcomeUnknown if it was lost."""
    parts = urlsplit(request.url)
    connection = connect(parts.scheme, parts.hostname or "", parts.port, request)
    address = f"{parts.hostname}:{parts.port or parts.scheme}"
    try:
        try:
            connection.connect()
        except OSError as error:
            raise Unreachable(f"{address}: {error.strerror or error}") from None
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(request.method, path or "/", request.body or None, dict(request.headers))
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, headers, response.read(MAX_BODY))
        except (OSError, HTTPException) as error:
            raise OutcomeUnknown(f"{address}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()


def connect(scheme: str, host: str, port: int | None, request: Request) -> HTTPConnection:
    """Return a connection that is not established yet. Certificates are always verified."""
    if scheme != "https":
        return HTTPConnection(host, port, timeout=request.timeout)
    import ssl

    try:
        context = ssl.create_default_context(cafile=request.ca_file or None)
    except OSError as error:
        raise Unreachable(f"cannot read CA file {request.ca_file}: {error.strerror or error}") from None
    return HTTPSConnection(host, port, timeout=request.timeout, context=context)


class Session:
    """An authenticated session, which several threads may use at the same time."""

    def __init__(
        self,
        access: Credentials,
        exchange: Callable[[Request], Response] = send_request,
        *,
        deadline: Callable[[float], Deadline] = Deadline,
    ) -> None:
        self.access, self._exchange, self._deadline = access, exchange, deadline
        self._lock = threading.Lock()
        self._token, self._endpoints = "", dict[str, dict[str, str]]()

    def get(self, service: str, path: str) -> Any:
        """Send a GET request, and retry it until there is a conclusive response.

        Raises Refused immediately. After the timeout, raises the last Unreachable or OutcomeUnknown.
        """
        responses: list[Any] = []
        failures: list[Failure] = []

        def attempt() -> bool:
            try:
                responses.append(self.once(service, "GET", path))
            except (Unreachable, OutcomeUnknown) as failure:
                failures.append(failure)
            return bool(responses)

        if not self._deadline(GET_TIMEOUT).try_wait(attempt, every=RETRY_DELAY):
            raise failures[-1]
        return responses[0]

    def once(self, service: str, method: str, path: str, body: object = None) -> Any:
        """Send a request once and return the JSON data of the response, None if it is empty.

        Raises Unreachable, Refused, OutcomeUnknown.
        """
        for fresh in (False, True):
            token, url = self._login(service, renew=fresh)
            response = self._send(method, url + path, self._headers(service, token), body)
            if response.status != 401:  # the token has expired; the request was not executed
                return self._read(f"{method} {service} {path.partition('?')[0]}", response)
        raise Refused("a service rejects the token that Keystone issued", 401)

    def endpoint(self, service: str) -> str:
        """Return the endpoint of a service in the service catalog."""
        return self._login(service, renew=False)[1]

    def _login(self, service: str, *, renew: bool) -> tuple[str, str]:
        with self._lock:
            if renew or not self._token:
                try:
                    self._token, self._endpoints = self._authenticate()
                except OutcomeUnknown as unknown:  # Keystone only issues tokens, so nothing was executed
                    raise Unreachable(f"Keystone: {unknown.reason}") from None
            return self._token, self._endpoint_of(service)

    def _endpoint_of(self, service: str) -> str:
        """Return the only endpoint of a service. Raises Refused if there is none, or a choice."""
        found = self._endpoints.get(service, {})
        if not found:
            where = f"{self.access.interface} endpoint in region '{self.access.region or 'any'}'"
            raise Refused(f"the service catalog has no service '{service}' with an {where}", 404)
        if len(found) > 1:
            choices = ", ".join(f"{url} ({region})" for url, region in sorted(found.items()))
            raise Refused(
                f"the service catalog has several endpoints of the service '{service}': {choices}; "
                "set OS_REGION_NAME in the credentials file",
                300,
            )
        return next(iter(found))

    def _authenticate(self) -> tuple[str, dict[str, dict[str, str]]]:
        """Return a token, and the region of each endpoint by service and URL."""
        auth: dict[str, object] = {"identity": dict(self.access.identity)}
        if self.access.scope:
            auth["scope"] = dict(self.access.scope)
        url = f"{self.access.auth_url}/auth/tokens"
        response = self._send("POST", url, {"Content-Type": "application/json"}, {"auth": auth})
        body = self._read("Keystone login", response)
        endpoints: dict[str, dict[str, str]] = {}
        for service in body["token"].get("catalog", ()):
            for endpoint in service["endpoints"]:
                in_region = self.access.region in ("", endpoint.get("region_id"), endpoint.get("region"))
                if in_region and endpoint["interface"] == self.access.interface:
                    region = endpoint.get("region_id") or endpoint.get("region") or "no region"
                    endpoints.setdefault(service["type"], {})[endpoint["url"].rstrip("/")] = region
        return response.headers.get("x-subject-token", ""), endpoints

    def _headers(self, service: str, token: str) -> dict[str, str]:
        headers = {"X-Auth-Token": token, "Accept": "application/json", "Content-Type": "application/json"}
        if service in VERSIONS:
            headers["OpenStack-API-Version"] = f"{service} {VERSIONS[service]}"
        return headers

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: object) -> Response:
        data = json.dumps(body).encode() if body is not None else b""
        common = {"User-Agent": "pacemaker-os", "Connection": "close"}
        return self._exchange(
            Request(method, url, {**headers, **common}, data, REQUEST_TIMEOUT, self.access.ca_file)
        )

    def _read(self, what: str, response: Response) -> Any:
        if 400 <= response.status < 500:
            raise Refused(f"{what}: {response.status} {message(response.body)}".rstrip(), response.status)
        if not 200 <= response.status < 300:
            raise OutcomeUnknown(f"{what}: {response.status} {message(response.body)}".rstrip())
        if not response.body.strip():
            return None
        try:
            return json.loads(response.body)
        except ValueError:
            raise OutcomeUnknown(f"{what}: the response is not valid JSON") from None


def message(body: bytes) -> str:
    """Return the message in an error response: OpenStack's {"name": {"message": ...}}, or its first line."""
    text = body.decode("utf-8", "replace")
    try:
        data = json.loads(text)
        inner = next(iter(data.values())) if isinstance(data, dict) else data
        return str(inner["message"] if isinstance(inner, dict) else inner)
    except (ValueError, KeyError, StopIteration):
        return text.strip().partition("\n")[0][:200]
