"""The service definition in docs/add-a-service.md works."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os import document
from pacemaker_os.document import Source
from pacemaker_os.document.checks.check import check
from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.openstack import definitions
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.databases import database_statements
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.openstack.identity import desired_identity
from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.render import desired_host
from pacemaker_os.openstack.service import Service

PAGE = Path(__file__).parents[3] / "docs" / "add-a-service.md"


@pytest.fixture
def service() -> Service:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    found = names["SERVICE"]
    assert isinstance(found, Service)
    return found


@pytest.fixture
def cloud(service: Service, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    known = {**definitions.SERVICES, service.name: service}
    for module in ("definitions", "check", "document.ordering"):
        monkeypatch.setattr(f"pacemaker_os.openstack.{module}.SERVICES", known)
    monkeypatch.setattr(definitions, "NAMES", (*definitions.NAMES, service.name))
    return replace(CLOUDS["three-controllers"], services=(service.name,))


def test_example_renders_hosts_databases_identity_and_jobs(cloud: Cloud, service: Service) -> None:
    known = secrets(cloud)
    assert {"barbican", "barbican-db"} <= set(known)
    host = desired_host(cloud, cloud.hosts[0], known, installed_programs())
    assert {"barbican-api", "barbican-worker"} <= set(host.packages)
    assert {"barbican-api.service", "barbican-worker.service"} <= set(host.owned)
    files = {file.path: file for file in host.files}
    assert files["/etc/barbican/barbican.conf"].mode == 0o640
    assert "listen barbican\n    bind 192.0.2.10:9311" in files["/etc/haproxy/haproxy.cfg"].redacted
    statements = database_statements(cloud, service, known)
    assert statements is not None
    assert "ON `barbican`.* TO 'barbican'@" in statements.reveal()
    identity = desired_identity(cloud, (service,), known)
    assert [entry.url for entry in identity.endpoints] == ["http://192.0.2.10:9311"]
    assert [job.argv for job in desired_jobs(cloud, service, known, "verify")] == [
        ("openstack", "secret", "list")
    ]


def test_example_is_in_the_cluster_document(cloud: Cloud) -> None:
    text = cluster_document(cloud, definitions.ordered(cloud.services))
    assert check(document.read([Source("cloud.cib.yaml", text)]).cib) == []
    assert "- keystone then barbican-worker (symmetrical=false, require-all=false)" in text
