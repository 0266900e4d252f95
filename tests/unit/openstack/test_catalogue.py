"""The catalogue: its order, its names, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
import yaml
from clouds import ALL, CLOUDS, CORE, secrets
from rendered import CASES

from pacemaker_os.openstack.catalogue import CATALOGUE, NAMES, ordered
from pacemaker_os.openstack.check import check
from pacemaker_os.openstack.errors import CatalogueError
from pacemaker_os.openstack.render import database_statements, identity, jobs, secret_names, wanted_host
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.secret import Secret

CLOUD = CLOUDS["three-controllers"]
PORTS = yaml.safe_load((CASES / "debian-12.yaml").read_text())["ports"]


def test_a_service_comes_after_those_it_needs() -> None:
    for chosen in (ALL, CORE, tuple(reversed(ALL))):
        seen: set[str] = set()
        for service in ordered(chosen):
            assert set(service.needs) <= seen
            seen.add(service.name)
        assert set(chosen) <= seen


def test_needs_come_along() -> None:
    assert [service.name for service in ordered(["keystone"])] == [
        *("system", "galera", "rabbitmq", "memcached", "haproxy", "keystone")
    ]


def test_an_unknown_service_is_told_with_a_near_name() -> None:
    with pytest.raises(
        CatalogueError, match="there is no service 'keyston'; did you mean 'keystone'"
    ) as said:
        ordered(["keyston"])
    assert said.value.code == "unknown-service"


def test_pages_are_named_as_their_services() -> None:
    assert [service.name for service in CATALOGUE.values()] == list(NAMES)


def test_ids_ports_databases_and_users_are_one_services_each() -> None:
    services = CATALOGUE.values()
    for names in (
        [unit.resource for service in services for unit in service.units],
        [(entry.port, frozenset(entry.where.values())) for s in services for entry in s.listeners],
        [database.name for service in services for database in service.databases],
        [user.name for service in services for user in service.users],
        [job.name for service in services for job in service.jobs],
    ):
        assert len(names) == len(set(names))


def test_listeners_are_at_the_ports_that_services_have() -> None:
    found = {entry.name: entry.port for service in CATALOGUE.values() for entry in service.listeners}
    assert found == PORTS


def test_every_endpoint_is_behind_a_listener_of_its_page() -> None:
    for service in CATALOGUE.values():
        assert {entry.port for entry in service.endpoints} <= {entry.port for entry in service.listeners}


def test_every_setting_is_used_and_means_something() -> None:
    used: set[str] = set()
    for path in (CASES.parents[2] / "pacemaker_os" / "openstack").rglob("*.py"):
        if path.name != "settings.py":
            text = path.read_text()
            used |= {name for name in SETTINGS if f'"{name}"' in text or f"'{name}'" in text}
    assert used == set(SETTINGS)
    assert all(setting.meaning.endswith(".") for setting in SETTINGS.values())


def test_absent_services_say_what_to_do_instead() -> None:
    (finding,) = check(replace(CLOUD, services=("mongodb",)))
    assert finding.code == "absent-service"
    assert "gnocchi" in finding.message


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"settings": {"worker": "2"}}, "unknown-setting", "did you mean 'workers'?"),
        ({"settings": {"tls": "on"}}, "setting-value", "is no or yes, not 'on'"),
        (
            {"settings": {"fernet_period": "a day"}},
            "setting-value",
            "is a number of hours, 1 or more, not 'a day'",
        ),
        ({"services": ("novaa",)}, "unknown-service", "did you mean 'nova'?"),
        ({"services": ("keepalived",)}, "no-host", "role front"),
        ({"services": ("instance-ha",), "settings": {"fencing": "no"}}, "no-fencing", "needs fencing"),
        ({"hosts": CLOUD.with_role("controller"), "services": ("nova-compute",)}, "no-host", "role compute"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, object], code: str, words: str) -> None:
    (finding,) = check(replace(CLOUD, **change))  # type: ignore[arg-type]
    assert finding.code == code
    assert words in finding.message


def test_a_host_without_fencing_is_told() -> None:
    bare = replace(CLOUD.hosts[1], fencing={})
    cloud = replace(CLOUD, hosts=(CLOUD.hosts[0], bare, *CLOUD.hosts[2:]))
    (finding,) = check(cloud)
    assert (finding.about, finding.name, finding.code) == ("host", "controller02", "no-fencing")
    assert check(replace(cloud, settings={"fencing": "no"}, services=("nova",))) == ()


@pytest.mark.parametrize("name", CLOUDS)
def test_shipped_shapes_are_good(name: str) -> None:
    assert check(CLOUDS[name]) == ()


@pytest.mark.parametrize("name", CLOUDS)
def test_secret_names_are_enough_and_none_too_many(name: str) -> None:
    cloud = CLOUDS[name]
    asked: set[str] = set()

    class Asked(dict[str, Secret]):
        def __getitem__(self, key: str) -> Secret:
            asked.add(key)
            return super().__getitem__(key)

    known = Asked(secrets(cloud))
    services = ordered(cloud.services)
    for host in cloud.hosts:
        wanted_host(cloud, host, known)
    for service in services:
        for when in ("prepare", "finish", "verify"):
            jobs(cloud, service, known, when)
        database_statements(cloud, service, known)
    identity(cloud, services, known)
    assert asked == set(secret_names(cloud))


@pytest.mark.parametrize("bad", ["pass word", "a'b", "a$b", "a/b@c", "ümlaut", ""])
def test_a_secret_that_cannot_be_written_everywhere_is_refused(bad: str) -> None:
    known = {**secrets(CLOUD), "rabbitmq": Secret(bad)}
    with pytest.raises(CatalogueError, match="secret 'rabbitmq' has a character") as said:
        wanted_host(CLOUD, CLOUD.hosts[0], known)
    assert said.value.code == "secret-characters"
    assert not bad or bad not in str(said.value)


def test_a_missing_secret_is_told_by_name() -> None:
    with pytest.raises(CatalogueError, match="there is no secret 'rabbitmq'"):
        wanted_host(CLOUD, CLOUD.hosts[0], {})


def test_a_database_user_may_do_nothing_elsewhere() -> None:
    statements = database_statements(CLOUD, CATALOGUE["nova"], secrets(CLOUD))
    assert statements is not None
    lines = statements.reveal().splitlines()
    assert all(line.endswith(";") for line in lines)
    grants = [line for line in lines if line.startswith("GRANT")]
    assert len(grants) == 3
    for line in grants:
        assert " ON `nova" in line
        assert "`.* TO 'nova'@'192.0.2.0/255.255.255.0';" in line
        assert "ALL" not in line
        assert "GRANT OPTION" not in line
        assert "'%'" not in line
    assert database_statements(CLOUD, CATALOGUE["haproxy"], secrets(CLOUD)) is None


def test_the_identity_of_all() -> None:
    known = identity(CLOUD, ordered(CLOUD.services), secrets(CLOUD))
    assert known.auth_url == "http://192.0.2.10:5000/v3"
    assert {entry.type for entry in known.endpoints} == {
        *("identity", "image", "placement", "compute", "network", "volumev3", "orchestration"),
        *("cloudformation", "object-store", "metric", "alarming"),
    }
    assert known.domains == ("heat",)
    by_name = {user.name: user for user in known.users}
    assert by_name["heat_domain_admin"].project == ""
    assert by_name["ceilometer"].roles == ("admin", "ResellerAdmin")
    assert {"heat_stack_owner", "heat_stack_user", "ResellerAdmin"} <= set(known.roles)
    assert all(user.project in (*known.projects, "") for user in known.users)


def test_with_tls_every_address_is_of_https() -> None:
    cloud = CLOUDS["storage-nodes"]
    known = identity(cloud, ordered(cloud.services), secrets(cloud))
    assert {entry.url.partition(":")[0] for entry in known.endpoints} == {"https"}
    config = next(
        file.shown
        for file in wanted_host(cloud, cloud.hosts[0], secrets(cloud)).files
        if file.path == "/etc/haproxy/haproxy.cfg"
    )
    for block in config.split("\nlisten "):
        if "bind 192.0.2.10:" in block and "mode tcp" not in block:
            assert " ssl crt /etc/haproxy/cloud.pem" in block


def test_an_address_for_each_service() -> None:
    cloud = CLOUDS["seed-003"]
    known = identity(cloud, ordered(cloud.services), secrets(cloud))
    hosts = {entry.service: entry.url.split("/")[2].partition(":")[0] for entry in known.endpoints}
    assert hosts["keystone"] == "192.0.2.203"
    assert hosts["nova"] == "192.0.2.210"
    assert hosts["gnocchi"] == "192.0.2.200"
    assert all(ip_address(address) for address in hosts.values())


def test_a_folder_that_hosts_share_has_one_owner() -> None:
    """Copying gives it the owner of its files; two owners would take turns, deployment by deployment."""
    for service in CATALOGUE.values():
        for shared in service.shared:
            assert service.folders.get(shared.folder, shared.owner) == shared.owner


@pytest.mark.parametrize(
    ("release", "agent"),
    {
        "train": "linuxbridge",
        "zed": "linuxbridge",
        "2024.2": "linuxbridge",
        "2025.1": "openvswitch",
        "2026.1": "openvswitch",
    }.items(),
)
def test_a_default_holds_from_a_release_on(release: str, agent: str) -> None:
    assert SETTINGS["network_agent"].in_release(release) == agent
