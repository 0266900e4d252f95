"""Keystone and HTTP: authentication, and the outcome of failed requests."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from nova_fake import Cloud
from nova_server import serve
from nova_site import ACCESS

from pacemaker_os.agents.nova_evacuate.nova import session
from pacemaker_os.agents.nova_evacuate.nova.client import Nova
from pacemaker_os.agents.nova_evacuate.nova.credentials import Credentials, parse, read, variables
from pacemaker_os.agents.nova_evacuate.nova.session import (
    OutcomeUnknown,
    Refused,
    Request,
    Response,
    Session,
    Unreachable,
)
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline


def at(port: int, **more: str) -> Credentials:
    return parse(ACCESS | {"OS_AUTH_URL": f"http://127.0.0.1:{port}", **more}, "test")


def quick(access: Credentials) -> Session:
    return Session(access, deadline=lambda _: Deadline(0.5))


def test_read_openrc_file(tmp_path: Path) -> None:
    path = tmp_path / "rc"
    path.write_text(
        "# the cloud\nexport OS_AUTH_URL=https://vip:5000/v3/\nOS_USERNAME='nova'\n"
        'export OS_PASSWORD="a=b c"\nOS_PROJECT_NAME=service\nOS_REGION_NAME=two\nOS_CACERT=/etc/ca.pem\n'
    )
    path.chmod(0o600)
    access = read(str(path))
    assert access.auth_url == "https://vip:5000/v3"
    assert (access.region, access.ca_file, access.interface) == ("two", "/etc/ca.pem", "internal")
    assert json.loads(json.dumps(access.identity))["password"]["user"]["password"] == "a=b c"
    assert "a=b c" not in repr(access)


def test_parse_application_credential_has_no_scope() -> None:
    values = {
        "OS_AUTH_URL": "http://vip:5000",
        "OS_APPLICATION_CREDENTIAL_ID": "1f",
        "OS_APPLICATION_CREDENTIAL_SECRET": "hidden",
    }
    access = parse(values, "test")
    assert access.scope is None
    assert access.identity == {
        "methods": ["application_credential"],
        "application_credential": {"secret": "hidden", "id": "1f"},
    }


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"OS_AUTH_URL": ""}, "OS_AUTH_URL"),
        ({"OS_AUTH_URL": "file:///etc/passwd"}, "OS_AUTH_URL"),
        ({"OS_PASSWORD": ""}, "OS_PASSWORD"),
        ({"OS_USERNAME": "", "OS_PROJECT_NAME": ""}, "OS_USERNAME, OS_PROJECT_NAME"),
        ({"OS_INTERFACE": "secret"}, "OS_INTERFACE"),
    ],
)
def test_parse_missing_variable_is_named(missing: dict[str, str], named: str) -> None:
    with pytest.raises(Failure, match=named):
        parse(ACCESS | missing, "test")


def test_variables_ignores_other_lines() -> None:
    assert variables("# OS_A=1\n\nunset OS_B\nOS_C=x=y\n") == {"OS_C": "x=y"}


@pytest.mark.parametrize(
    "line",
    [
        'OS_PASSWORD="pa\\$s\\"x"',
        "OS_PASSWORD='it'\\''s'",
        "OS_PASSWORD=abc # the password",
        "OS_PASSWORD=a\\ b",
        "declare -x OS_PASSWORD=abc",
        "export   OS_PASSWORD=abc",
        'OS_PASSWORD="a\\nb"',
        "OS_PASSWORD=a#b%c",
        "OS_PASSWORD='$x`y`'",
        "OS_PASSWORD=",
    ],
)
def test_variables_are_read_as_by_the_shell(line: str) -> None:
    script = f'{line}\nprintf %s "$OS_PASSWORD"'
    shell = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert variables(line) == {"OS_PASSWORD": shell.stdout}


@pytest.mark.parametrize(
    "value", ["$OS_PASSWORD_INPUT", '"$(cat /etc/pw)"', "`id`", "'open", '"open', "a b", "a;b"]
)
def test_variable_that_needs_a_shell_is_refused_without_its_value(value: str) -> None:
    with pytest.raises(Failure, match="line 2 of the credentials file: OS_PASSWORD: ") as caught:
        variables(f"PS1=$x\nOS_PASSWORD={value}\n")
    assert value not in caught.value.reason


class TwoRegions(Cloud):
    """A cloud whose service catalog has the endpoints of two regions."""

    def log_in(self, body: Any) -> tuple[int, Any]:
        status, answer = super().log_in(body)
        for service in answer["token"]["catalog"]:
            url = f"http://other.example/{service['type']}"
            service["endpoints"].append({"interface": "internal", "region": "RegionTwo", "url": url})
        return status, answer


def test_endpoint_of_two_regions_needs_a_choice() -> None:
    session = Session(parse(ACCESS, "test"), TwoRegions().exchange)
    with pytest.raises(Refused, match=r"several endpoints of the service 'compute'.*set OS_REGION_NAME"):
        session.endpoint("compute")
    chosen = Session(parse(ACCESS | {"OS_REGION_NAME": "RegionTwo"}, "test"), TwoRegions().exchange)
    assert chosen.endpoint("compute") == "http://other.example/compute"


def test_groups_are_read_page_by_page() -> None:
    cloud = Cloud()
    cloud.groups = [{"policy": "affinity", "members": [str(number)]} for number in range(2500)]
    groups = Nova(Session(parse(ACCESS, "test"), cloud.exchange)).groups()
    assert len(groups) == len({group.members for group in groups}) == 2500


def test_get_refused_connection_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):
        quick(at(port)).once("compute", "POST", "/servers/1/action", {})


def test_get_wrong_password_is_refused() -> None:
    with serve(Cloud()) as port, pytest.raises(Refused, match="401"):
        quick(at(port, OS_PASSWORD="wrong")).get("compute", "/os-services")


def test_endpoint_of_other_region_is_not_used() -> None:
    with serve(Cloud()) as port:
        assert quick(at(port, OS_REGION_NAME="RegionOne")).endpoint("compute")
        with pytest.raises(Refused, match="region 'RegionTwo'"):
            quick(at(port, OS_REGION_NAME="RegionTwo")).endpoint("compute")


def test_servers_follows_pages_on_the_endpoint() -> None:
    with serve(Cloud(1, 40)) as port:
        nova = Nova(quick(at(port)))
        assert len(nova.servers(host="compute1")) == 40


@pytest.mark.parametrize("fault", ["reset", "reset done", "500", "500 done"])
def test_once_lost_response_is_outcome_unknown(fault: str) -> None:
    cloud = Cloud(2, 1)
    with serve(cloud) as port:
        session = quick(at(port))
        session.endpoint("compute")
        cloud.fault = lambda request: fault if request.method == "POST" else ""
        if fault.startswith("500"):
            cloud.answer = lambda request: Response(500, {}, b"no JSON at all")  # type: ignore[method-assign]
        with pytest.raises(OutcomeUnknown):
            session.once("compute", "POST", "/servers/vm00/action", {"lock": None})


def test_get_is_retried_until_there_is_a_response() -> None:
    cloud = Cloud(2, 1)
    faults = iter(["", "reset", "reset"])
    with serve(cloud) as port:
        cloud.fault = lambda request: next(faults, "")
        session = Session(at(port), deadline=lambda _: Deadline(20))
        assert session.get("compute", "/servers/vm00")["server"]["id"] == "vm00"


def test_get_hung_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "REQUEST_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="timed out"):
        quick(at(silent.getsockname()[1])).endpoint("compute")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"badRequest": {"message": "in use", "code": 400}}', "in use"),
        (b'{"message": "flat"}', "flat"),
        (b"<html>\nBad Gateway", "<html>"),
        (b"", ""),
        (b"{}", "{}"),
        (b"[]", "[]"),
    ],
)
def test_message_of_an_error_response(body: bytes, words: str) -> None:
    assert session.message(body) == words


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes a certificate for this test, is not installed")
    path = tmp_path / "server.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    words += [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        str(path),
        "-out",
        str(tmp_path / "ca.pem"),
    ]
    subprocess.run(words, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "ca.pem").read_text())
    return path


class Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Do not log requests to the output of the tests."""


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[int]:
    server = HTTPServer(("localhost", 0), Greeting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_get_verifies_certificates(tls_port: int, certificate: Path) -> None:
    url, ca = f"https://localhost:{tls_port}/", str(certificate.with_name("ca.pem"))
    assert session.send_request(Request("GET", url, {}, b"", 5.0, ca)).status == 200
    with pytest.raises(Unreachable, match="certificate verify failed"):
        session.send_request(Request("GET", url, {}, b"", 5.0))
    with pytest.raises(Unreachable, match="CA file"):
        session.send_request(Request("GET", url, {}, b"", 5.0, "/no/such/file"))
