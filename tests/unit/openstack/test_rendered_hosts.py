"""Rendered hosts: the stored cases, and properties of every cloud."""

from __future__ import annotations

from configparser import RawConfigParser
from dataclasses import replace

import pytest
import yaml
from clouds import CLOUDS, desired, secrets
from rendered import CASES, RENDERED, rendered

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.jobs import desired_jobs

clouds = pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)

DEBIAN = yaml.safe_load((CASES / "debian-12.yaml").read_text())


@pytest.mark.parametrize("case", RENDERED)
def test_rendered_hosts_match_the_stored_case(case: str) -> None:
    assert rendered(case) == (CASES / f"{case}.txt").read_text(), (
        "review the difference; to accept it, run: python tests/unit/openstack/rendered.py"
    )


@clouds
def test_secrets_are_in_private_files_only(cloud: Cloud) -> None:
    for host in cloud.hosts:
        state = desired(cloud, host)
        assert not any("hidden-" in file.redacted for file in state.files)
        for file in state.files:
            if "hidden-" in file.content.reveal():
                assert not file.mode & 0o007, f"{file.path} contains a secret and is world-readable"
    for service in ordered(cloud.services):
        for when in ("prepare", "finish", "verify"):
            for job in desired_jobs(cloud, service, secrets(cloud), when):
                assert not any("hidden-" in word or "*" in word for word in (*job.argv, *job.unless))


@clouds
def test_ini_files_parse_and_have_no_empty_values(cloud: Cloud) -> None:
    for host in cloud.hosts:
        for file in desired(cloud, host).files:
            if file.path.endswith((".conf", ".ini")) and file.redacted.startswith("[DEFAULT]"):
                parser = RawConfigParser(strict=True, delimiters=("=",))
                parser.read_string(file.redacted)
                for section in parser.sections():
                    empty = [key for key, value in parser[section].items() if value == ""]
                    assert not empty, (file.path, section, empty)
                    assert parser.options(section), (file.path, section)


@clouds
def test_templates_are_rendered_completely(cloud: Cloud) -> None:
    for host in cloud.hosts:
        state = desired(cloud, host)
        names = [*state.packages, *state.owned, *(path for path, _ in state.directories)]
        texts = [file.redacted for file in state.files]
        assert not [text for text in (*names, *texts) if "{{" in text or "{%" in text]


@clouds
def test_files_and_units_are_unique(cloud: Cloud) -> None:
    for host in cloud.hosts:
        state = desired(cloud, host)
        for names in (state.packages, state.owned, [file.path for file in state.files]):
            assert len(names) == len(set(names))
        assert not set(state.owned) & (set(state.masked) | set(state.enabled))


def test_debian_has_the_named_packages_units_and_paths() -> None:
    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        state = desired(cloud, host)
        assert set(state.packages) <= set(DEBIAN["packages"])
        assert {*state.owned, *state.masked, *state.enabled} <= {
            *DEBIAN["units"],
            "keystone-fernet-keys.timer",
            "horizon-sessions.timer",
            "neutron-periodic.service",
        }
        defaults = {file.path for file in state.files if file.path.startswith("/etc/default/")}
        assert defaults <= set(DEBIAN["paths"])


def test_systemd_manages_chrony_only() -> None:
    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        assert desired(cloud, host).enabled == ("chrony.service",)


@clouds
def test_drop_ins_belong_to_units_of_the_host(cloud: Cloud) -> None:
    for host in cloud.hosts:
        state = desired(cloud, host)
        drop_ins = [file.path.split("/")[-2] for file in state.files if ".service.d/" in file.path]
        assert {name.removesuffix(".d") for name in drop_ins} <= {*state.owned, *state.enabled}


def test_compute_nodes_have_no_database_passwords() -> None:
    for cloud in (CLOUDS["three-controllers"], CLOUDS["redhat"]):
        for host in cloud.with_role("compute"):
            for file in desired(cloud, host).files:
                assert "-db-hidden" not in file.content.reveal(), file.path


def test_controller_that_is_a_compute_node_has_the_controllers_files() -> None:
    cloud = CLOUDS["all-in-one"]
    (host,) = cloud.hosts
    files = {file.path: file for file in desired(cloud, host).files}
    assert "[api_database]" in files["/etc/nova/nova.conf"].redacted
    assert "l3_ha = false" in files["/etc/neutron/neutron.conf"].redacted
    assert "compute_driver" in files["/etc/nova/nova-compute.conf"].redacted


@clouds
def test_shared_directories_are_generated_on_a_controller(cloud: Cloud) -> None:
    """Controllers are deployed first, so they cannot depend on files of a later node."""
    members = {host.name for host in cloud.members}
    for service in ordered(cloud.services):
        generators = {
            each.name: each.host
            for each in desired_jobs(cloud, service, secrets(cloud))
            if each.host in members
        }
        assert {shared.generated_by for shared in service.shared} <= set(generators), service.name


def test_hosts_that_mount_nfs_have_the_mount_helper() -> None:
    for name, shares in (
        ("one-controller", {"controller01", "compute01", "compute02"}),
        ("redhat-core", set()),
    ):
        cloud = replace(CLOUDS[name], services=tuple(n for n in CLOUDS[name].services if n != "cinder"))
        with_it = {
            host.name
            for host in cloud.hosts
            if {"nfs-common", "nfs-utils"} & set(desired(cloud, host).packages)
        }
        assert with_it == shares


@pytest.mark.parametrize("family", ["debian", "redhat"])
@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, set()),
        ({"volume_backend": "lvm"}, {"tgt", "targetcli"}),
        ({"volume_backend": "rbd"}, {"ceph-common", "python3-rbd"}),
        ({"image_store": "rbd"}, {"python3-rbd"}),
    ],
)
def test_storage_backend_adds_its_packages(family: str, settings: dict[str, str], more: set[str]) -> None:
    cloud = replace(CLOUDS["three-controllers"], settings=settings, family=family)
    plain = replace(cloud, settings={})
    found, default = (set(desired(each, each.hosts[0]).packages) for each in (cloud, plain))
    assert found - default == more - ({"tgt"} if family == "redhat" else {"targetcli"})
