"""Service definitions: their order and names, and the validation of clouds."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
import yaml
from clouds import ALL, CLOUDS, CORE, desired, secrets
from rendered import CASES

from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.openstack.check import check
from pacemaker_os.openstack.databases import database_statements
from pacemaker_os.openstack.definitions import NAMES, SERVICES, ordered
from pacemaker_os.openstack.errors import CloudError
from pacemaker_os.openstack.identity import desired_identity
from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.releases import RELEASES
from pacemaker_os.openstack.render import desired_host
from pacemaker_os.openstack.secret_names import secret_names
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.secret import Secret

CLOUD = CLOUDS["three-controllers"]
PORTS = yaml.safe_load((CASES / "debian-12.yaml").read_text())["ports"]


def test_ordered_places_services_after_their_dependencies() -> None:
    for chosen in (ALL, CORE, tuple(reversed(ALL))):
        seen: set[str] = set()
        for service in ordered(chosen):
            assert set(service.needs) <= seen
            seen.add(service.name)
        assert set(chosen) <= seen


def test_ordered_adds_dependencies() -> None:
    assert [service.name for service in ordered(["keystone"])] == [
        *("system", "galera", "rabbitmq", "memcached", "haproxy", "keystone")
    ]


def test_ordered_unknown_service_suggests_a_name() -> None:
    with pytest.raises(CloudError, match="unknown service 'keyston'; did you mean 'keystone'") as error:
        ordered(["keyston"])
    assert error.value.code == "unknown-service"


def test_services_are_named_as_their_modules() -> None:
    assert [service.name for service in SERVICES.values()] == list(NAMES)


def test_ids_ports_databases_and_users_are_unique() -> None:
    services = SERVICES.values()
    for names in (
        [unit.resource for service in services for unit in service.units],
        [(entry.port, frozenset(entry.where.values())) for s in services for entry in s.listeners],
        [database.name for service in services for database in service.databases],
        [user.name for service in services for user in service.users],
        [job.name for service in services for job in service.jobs],
    ):
        assert len(names) == len(set(names))


def test_listeners_use_the_ports_of_services() -> None:
    found = {entry.name: entry.port for service in SERVICES.values() for entry in service.listeners}
    assert found == PORTS


def test_endpoints_have_a_listener() -> None:
    for service in SERVICES.values():
        assert {entry.port for entry in service.endpoints} <= {entry.port for entry in service.listeners}


def test_settings_are_used_and_have_a_description() -> None:
    used: set[str] = set()
    for path in (CASES.parents[2] / "pacemaker_os" / "openstack").rglob("*.py"):
        if path.name not in ("settings.py", "releases.py"):
            text = path.read_text()
            used |= {name for name in SETTINGS if f'"{name}"' in text or f"'{name}'" in text}
    assert used == set(SETTINGS)
    assert all(setting.description.endswith(".") for setting in SETTINGS.values())


def test_unavailable_service_names_the_alternative() -> None:
    (problem,) = check(replace(CLOUD, services=("mongodb",)))
    assert problem.code == "absent-service"
    assert "gnocchi" in problem.message


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"settings": {"worker": "2"}}, "unknown-setting", "did you mean 'workers'?"),
        (
            {"settings": {"tls": "on"}},
            "setting-value",
            "invalid value 'on' of setting 'tls'; expected no or yes",
        ),
        (
            {"settings": {"fernet_rotation_hours": "a day"}},
            "setting-value",
            "expected a number of hours, 1 or more",
        ),
        ({"services": ("novaa",)}, "unknown-service", "did you mean 'nova'?"),
        ({"services": ("keepalived",)}, "no-host", "role front"),
        ({"services": ("instance-ha",), "settings": {"fencing": "no"}}, "no-fencing", "requires fencing"),
        ({"hosts": CLOUD.with_role("controller"), "services": ("nova-compute",)}, "no-host", "role compute"),
    ],
)
def test_check_reports_the_problem(change: dict[str, object], code: str, text: str) -> None:
    (problem,) = check(replace(CLOUD, **change))  # type: ignore[arg-type]
    assert problem.code == code
    assert text in problem.message


def test_check_reports_a_host_without_fencing_device() -> None:
    bare = replace(CLOUD.hosts[1], fencing={})
    cloud = replace(CLOUD, hosts=(CLOUD.hosts[0], bare, *CLOUD.hosts[2:]))
    (problem,) = check(cloud)
    assert (problem.about, problem.name, problem.code) == ("host", "controller02", "no-fencing")
    assert check(replace(cloud, settings={"fencing": "no"}, services=("nova",))) == ()


@pytest.mark.parametrize("name", CLOUDS)
def test_check_accepts_the_clouds_of_these_tests(name: str) -> None:
    assert check(CLOUDS[name]) == ()


@pytest.mark.parametrize("name", CLOUDS)
def test_secret_names_are_exactly_those_used(name: str) -> None:
    cloud = CLOUDS[name]
    used: set[str] = set()

    class Recorder(dict[str, Secret]):
        def __getitem__(self, key: str) -> Secret:
            used.add(key)
            return super().__getitem__(key)

    known = Recorder(secrets(cloud))
    services = ordered(cloud.services)
    for host in cloud.hosts:
        desired_host(cloud, host, known, installed_programs())
    for service in services:
        for when in ("prepare", "finish", "verify"):
            desired_jobs(cloud, service, known, when)
        database_statements(cloud, service, known)
    desired_identity(cloud, services, known)
    assert used == set(secret_names(cloud))


@pytest.mark.parametrize("bad", ["pass word", "a'b", "a$b", "a/b@c", "ümlaut", ""])
def test_secret_with_unsafe_characters_is_rejected(bad: str) -> None:
    known = {**secrets(CLOUD), "rabbitmq": Secret(bad)}
    with pytest.raises(CloudError, match="secret 'rabbitmq' contains unsupported characters") as error:
        desired_host(CLOUD, CLOUD.hosts[0], known, installed_programs())
    assert error.value.code == "secret-characters"
    assert not bad or bad not in str(error.value)


def test_missing_secret_is_named() -> None:
    with pytest.raises(CloudError, match="missing secret 'rabbitmq'"):
        desired_host(CLOUD, CLOUD.hosts[0], {}, installed_programs())


def test_database_user_has_privileges_in_its_database_only() -> None:
    statements = database_statements(CLOUD, SERVICES["nova"], secrets(CLOUD))
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
    assert database_statements(CLOUD, SERVICES["haproxy"], secrets(CLOUD)) is None


def test_identity_of_all_services() -> None:
    known = desired_identity(CLOUD, ordered(CLOUD.services), secrets(CLOUD))
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


def test_tls_makes_every_url_https() -> None:
    cloud = CLOUDS["storage-nodes"]
    known = desired_identity(cloud, ordered(cloud.services), secrets(cloud))
    assert {entry.url.partition(":")[0] for entry in known.endpoints} == {"https"}
    config = next(
        file.redacted
        for file in desired(cloud, cloud.hosts[0]).files
        if file.path == "/etc/haproxy/haproxy.cfg"
    )
    for block in config.split("\nlisten "):
        if "bind 192.0.2.10:" in block and "mode tcp" not in block:
            assert " ssl crt /etc/haproxy/cloud.pem" in block


def test_vip_per_service_is_used_in_endpoints() -> None:
    cloud = CLOUDS["vip-per-service"]
    known = desired_identity(cloud, ordered(cloud.services), secrets(cloud))
    hosts = {entry.service: entry.url.split("/")[2].partition(":")[0] for entry in known.endpoints}
    assert hosts["keystone"] == "192.0.2.203"
    assert hosts["nova"] == "192.0.2.210"
    assert hosts["gnocchi"] == "192.0.2.200"
    assert all(ip_address(address) for address in hosts.values())


def test_shared_directory_has_one_owner() -> None:
    """Copying sets the owner of the files; with two owners, every deployment would change it."""
    for service in SERVICES.values():
        for shared in service.shared:
            assert service.directories.get(shared.directory, shared.owner) == shared.owner


@pytest.mark.parametrize(("release", "agent"), [("zed", "linuxbridge"), ("2025.1", "openvswitch")])
def test_default_changes_from_a_release_on(release: str, agent: str) -> None:
    assert SETTINGS["network_agent"].in_release(release) == agent


def test_releases_change_defaults_of_known_settings_only() -> None:
    assert {name for release in RELEASES.values() for name in release.defaults} <= set(SETTINGS)


@pytest.mark.parametrize("release", ["2052.1x", "2052.1", "Zed", ""])
def test_check_reports_an_unknown_release(release: str) -> None:
    (problem,) = check(replace(CLOUD, release=release))
    assert (problem.about, problem.code) == ("release", "unknown-release")
    assert problem.message.startswith(f"unknown release '{release}'; ")


def test_broker_of_a_fully_qualified_node_has_the_name_that_its_agent_uses() -> None:
    cloud = CLOUDS["three-controllers"]
    named = replace(cloud.hosts[0], name="c1.example.org")
    state = desired(replace(cloud, hosts=(named, *cloud.hosts[1:])), named)
    (file,) = (each for each in state.files if each.path == "/etc/rabbitmq/rabbitmq-env.conf")
    assert file.content.reveal() == "NODENAME=rabbit@c1\n"
