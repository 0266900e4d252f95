"""Keystone and HTTP: one request on one connection, with an end, and with errors that say what is known.

What matters about a request that failed is whether the server may have acted on it. So there are three
errors: it was not sent (Unreachable), it was refused (Refused), and its outcome is unknown (OutcomeUnknown).
A connection is never reused: if the server closed it in the meantime, the outcome would be unknown.
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

#: Seconds that one request may take.
REQUEST = 20.0
#: Seconds that a question is repeated while the answer is an error of the server or of the network.
QUESTION = 45.0
#: Seconds between repetitions.
PAUSE = 1.0
#: A longer answer is cut, in bytes.
LONGEST_BODY = 256 * 1024 * 1024

#: Train's Nova has 2.79. 2.73 says who locked an instance and why, and embeds flavors; 2.95 would leave
#: evacuated instances stopped.
VERSIONS = {"compute": "2.73", "placement": "1.29"}


class Unreachable(Failure):
    """The request was not sent, or not heard: nothing was done."""


class Refused(Failure):
    """The server said no: nothing was done. `status` is the HTTP status."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class OutcomeUnknown(Failure):
    """The request was sent and no useful answer came: it may have been done, or may be done yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """One HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def over_network(asked: Asked) -> Answered:
    """Send a request. Raises Unreachable when no connection was made, OutcomeUnknown when one broke."""
    parts = urlsplit(asked.url)
    connection = connect(parts.scheme, parts.hostname or "", parts.port, asked)
    place = f"{parts.hostname}:{parts.port or parts.scheme}"
    try:
        try:
            connection.connect()
        except OSError as error:
            raise Unreachable(f"{place}: {error.strerror or error}") from None
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(asked.method, path or "/", asked.body or None, dict(asked.headers))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, headers, answer.read(LONGEST_BODY))
        except (OSError, HTTPException) as error:
            raise OutcomeUnknown(f"{place}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()


def connect(scheme: str, host: str, port: int | None, asked: Asked) -> HTTPConnection:
    """A connection that is not made yet. Certificates are verified, always."""
    if scheme != "https":
        return HTTPConnection(host, port, timeout=asked.timeout)
    import ssl

    try:
        context = ssl.create_default_context(cafile=asked.ca_file or None)
    except OSError as error:
        raise Unreachable(f"CA file {asked.ca_file}: {error.strerror or error}") from None
    return HTTPSConnection(host, port, timeout=asked.timeout, context=context)


class Session:
    """Somebody who is logged in; used by several threads at once."""

    def __init__(
        self,
        access: Credentials,
        exchange: Callable[[Asked], Answered] = over_network,
        *,
        deadline: Callable[[float], Deadline] = Deadline,
    ) -> None:
        self.access, self._exchange, self._deadline = access, exchange, deadline
        self._lock = threading.Lock()
        self._token, self._endpoints = "", dict[str, str]()

    def get(self, service: str, path: str) -> Any:
        """Ask a question, again and again while no useful answer comes.

        Raises Refused at once; Unreachable or OutcomeUnknown, the last of them, when the time is over.
        """
        heard: list[Any] = []
        trouble: list[Failure] = []

        def ask() -> bool:
            try:
                heard.append(self.once(service, "GET", path))
            except (Unreachable, OutcomeUnknown) as failure:
                trouble.append(failure)
            return bool(heard)

        if not self._deadline(QUESTION).try_wait(ask, every=PAUSE):
            raise trouble[-1]
        return heard[0]

    def once(self, service: str, method: str, path: str, body: object = None) -> Any:
        """Send a request one time and return what the answer's JSON says, None when it says nothing.

        Raises Unreachable, Refused, OutcomeUnknown.
        """
        for fresh in (False, True):
            token, url = self._login(service, renew=fresh)
            answer = self._send(method, url + path, self._headers(service, token), body)
            if answer.status != 401:  # a token that ran out; the request was not looked at
                return self._read(f"{method} {service} {path.partition('?')[0]}", answer)
        raise Refused("Keystone gives a token that its services do not take", 401)

    def endpoint(self, service: str) -> str:
        """The address of a service, as the catalogue says it."""
        return self._login(service, renew=False)[1]

    def _login(self, service: str, *, renew: bool) -> tuple[str, str]:
        with self._lock:
            if renew or not self._token:
                try:
                    self._token, self._endpoints = self._authenticate()
                except OutcomeUnknown as unsure:  # nothing was done but giving out a token
                    raise Unreachable(f"Keystone: {unsure.reason}") from None
            if service not in self._endpoints:
                where = f"{self.access.interface} address in region '{self.access.region or 'any'}'"
                raise Refused(f"Keystone's catalogue has no service '{service}' with an {where}", 404)
            return self._token, self._endpoints[service]

    def _authenticate(self) -> tuple[str, dict[str, str]]:
        auth: dict[str, object] = {"identity": dict(self.access.identity)}
        if self.access.scope:
            auth["scope"] = dict(self.access.scope)
        url = f"{self.access.auth_url}/auth/tokens"
        answer = self._send("POST", url, {"Content-Type": "application/json"}, {"auth": auth})
        body = self._read("Keystone login", answer)
        wanted = {}
        for service in body["token"].get("catalog", ()):
            for endpoint in service["endpoints"]:
                here = self.access.region in ("", endpoint.get("region_id"), endpoint.get("region"))
                if here and endpoint["interface"] == self.access.interface:
                    wanted[service["type"]] = endpoint["url"].rstrip("/")
        return answer.headers.get("x-subject-token", ""), wanted

    def _headers(self, service: str, token: str) -> dict[str, str]:
        headers = {"X-Auth-Token": token, "Accept": "application/json", "Content-Type": "application/json"}
        if service in VERSIONS:
            headers["OpenStack-API-Version"] = f"{service} {VERSIONS[service]}"
        return headers

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: object) -> Answered:
        data = json.dumps(body).encode() if body is not None else b""
        everywhere = {"User-Agent": "pacemaker-os", "Connection": "close"}
        return self._exchange(
            Asked(method, url, {**headers, **everywhere}, data, REQUEST, self.access.ca_file)
        )

    def _read(self, what: str, answer: Answered) -> Any:
        if 400 <= answer.status < 500:
            raise Refused(f"{what}: {answer.status} {message(answer.body)}".rstrip(), answer.status)
        if not 200 <= answer.status < 300:
            raise OutcomeUnknown(f"{what}: {answer.status} {message(answer.body)}".rstrip())
        if not answer.body.strip():
            return None
        try:
            return json.loads(answer.body)
        except ValueError:
            raise OutcomeUnknown(f"{what}: the answer is no JSON") from None


def message(body: bytes) -> str:
    """What an error's body says: OpenStack's {"name": {"message": ...}}, or the first line."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        inner = next(iter(said.values())) if isinstance(said, dict) else said
        return str(inner["message"] if isinstance(inner, dict) else inner)
    except (ValueError, KeyError, StopIteration):
        return text.strip().partition("\n")[0][:200]
