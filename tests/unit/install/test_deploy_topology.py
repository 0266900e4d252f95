"""Topology files of clouds."""

import pytest
from small_deployment import TEXT, small

from pacemaker_os.document import DocumentError
from pacemaker_os.openstack.settings import RENAMED, SETTINGS

#: Change of a valid topology, and line and code of the resulting problem.
INVALID = [
    ("address: 192.0.2.12", "address: 192.0.2.11", 4, "duplicate-address"),
    ("address: 192.0.2.12", "address: 192.0.2.11", 5, "duplicate-address"),
    ("default: 192.0.2.10", "default: 192.0.3.10", 8, "vip-outside"),
    ("default: 192.0.2.10", "default: 192.0.2.11", 8, "duplicate-address"),
    ("default: 192.0.2.10", "default: nowhere", 8, "bad-address"),
    ("vips: {default: 192.0.2.10}", "vips: {keystone: 192.0.2.10}", 8, "no-vip"),
    ("default: 192.0.2.10}", "default: 192.0.2.10, keyston: 192.0.2.9}", 8, "unknown-service"),
    ("services: [keystone]", "services: [keyston]", 9, "unknown-service"),
    ("services: [keystone]", "", 1, "no-services"),
    ("roles: [compute]", "roles: [computer]", 7, "unknown-role"),
    ("address: 192.0.2.51, roles: [compute]", "address: 192.0.2.51", 7, "no-role"),
    ("network: 192.0.2.0/24", "network: 192.0.2.1/24", 2, "network"),
    ("network: 192.0.2.0/24\n", "", 1, "network"),
    ("workers:", "worker:", 10, "unknown-setting"),
    ('fencing: "no"', "fencing: maybe", 10, "bad-setting"),
    ('fencing: "no"', "fernet_rotation_hours: a day", 10, "bad-setting"),
    ("name: small", "nome: small", 1, "unknown-key"),
    ("name: small", "name: small\nfamily: slackware", 2, "unknown-family"),
    ("name: small", "name: small\nrelease: 2052.1x", 2, "unknown-release"),
    ("name: small", "name: small\nrelease: 2052.1", 2, "unknown-release"),
    ("name: small", 'name: small\nregion: "R\\n[evil]\\nx=y"', 2, "bad-region"),
    ("name: small", "name: small\nregion: Region %One", 2, "bad-region"),
    ("network: 192.0.2.0/24", "network: fd00::/64", 2, "no-ipv6"),
    ("address: 192.0.2.12", 'address: "fd00::12"', 5, "no-ipv6"),
]


@pytest.mark.parametrize(("old", "new", "line", "code"), INVALID)
def test_read_deployment_reports_line_of_invalid_value(old: str, new: str, line: int, code: str) -> None:
    assert old in TEXT
    with pytest.raises(DocumentError) as raised:
        small(TEXT.replace(old, new))
    assert (line, code) in {(problem.line, problem.code) for problem in raised.value.problems}


@pytest.mark.parametrize(("former", "name"), RENAMED.items())
def test_read_deployment_names_the_new_name_of_a_renamed_setting(former: str, name: str) -> None:
    assert name in SETTINGS
    assert former not in SETTINGS
    with pytest.raises(DocumentError) as raised:
        small(TEXT.replace("workers:", f"{former}:"))
    (problem,) = raised.value.problems
    assert (problem.line, problem.code) == (10, "unknown-setting")
    assert problem.message == f"unknown setting '{former}'; it is now '{name}'"


def test_read_deployment_rejects_service_without_suitable_node() -> None:
    text = TEXT.replace("roles: [compute]", "roles: [storage]").replace(
        "[keystone]", "[keystone, nova-compute]"
    )
    with pytest.raises(DocumentError) as raised:
        small(text)
    problem = raised.value.problems[0]
    assert (problem.line, problem.code) == (9, "role-without-node")
    assert "nova-compute" in problem.message


def test_deployment_roles_determine_members_and_remotes() -> None:
    deployment = small(TEXT.replace("[compute]", "[front]"))
    assert deployment.members.names == ("controller01", "controller02", "controller03")
    assert [node.name for node in deployment.fronts] == ["compute01"]
    assert deployment.remotes == ()
    assert [node.name for node in small().remotes] == ["compute01"]


def test_read_deployment_fills_cloud_from_topology() -> None:
    cloud = small(TEXT.replace("roles: [compute]", "roles: [compute], interface: ens3")).cloud
    assert (cloud.name, cloud.prefix, cloud.vip("glance")) == ("small", 24, "192.0.2.10")
    assert [host.interface for host in cloud.with_role("compute")] == ["ens3"]
