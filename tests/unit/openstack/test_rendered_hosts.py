"""What hosts get: the written cases, and what holds of every cloud."""

from __future__ import annotations

from configparser import RawConfigParser
from dataclasses import replace

import pytest
import yaml
from clouds import CLOUDS, desired, secrets
from rendered import CASES, WRITTEN, rendered

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.jobs import desired_jobs

clouds = pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)

DEBIAN = yaml.safe_load((CASES / "debian-12.yaml").read_text())


@pytest.mark.parametrize("case", WRITTEN)
def test_hosts_get_what_is_written(case: str) -> None:
    assert rendered(case) == (CASES / f"{case}.txt").read_text(), (
        "read the difference; if it is meant: python tests/unit/openstack/rendered.py"
    )


@clouds
def test_a_secret_is_in_files_alone_and_never_shown(cloud: Cloud) -> None:
    for host in cloud.hosts:
        wanted = desired(cloud, host)
        assert not any("hidden-" in file.redacted for file in wanted.files)
        for file in wanted.files:
            if "hidden-" in file.content.reveal():
                assert not file.mode & 0o007, f"{file.path} holds a secret and can be read by all"
    for service in ordered(cloud.services):
        for when in ("prepare", "finish", "verify"):
            for job in desired_jobs(cloud, service, secrets(cloud), when):
                assert not any("hidden-" in word or "*" in word for word in (*job.argv, *job.unless))


@clouds
def test_ini_files_can_be_read_and_have_no_empty_values(cloud: Cloud) -> None:
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
def test_nothing_of_a_template_is_left(cloud: Cloud) -> None:
    for host in cloud.hosts:
        wanted = desired(cloud, host)
        words = [*wanted.packages, *wanted.owned, *(path for path, _ in wanted.directories)]
        texts = [file.redacted for file in wanted.files]
        assert not [text for text in (*words, *texts) if "{{" in text or "{%" in text]


@clouds
def test_every_file_and_unit_comes_once(cloud: Cloud) -> None:
    for host in cloud.hosts:
        wanted = desired(cloud, host)
        for names in (wanted.packages, wanted.owned, [file.path for file in wanted.files]):
            assert len(names) == len(set(names))
        assert not set(wanted.owned) & (set(wanted.masked) | set(wanted.enabled))


def test_debian_has_what_the_catalogue_names() -> None:
    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        wanted = desired(cloud, host)
        assert set(wanted.packages) <= set(DEBIAN["packages"])
        assert {*wanted.owned, *wanted.masked, *wanted.enabled} <= {
            *DEBIAN["units"],
            "keystone-fernet-keys.timer",
            "horizon-sessions.timer",
            "neutron-periodic.service",
        }
        defaults = {file.path for file in wanted.files if file.path.startswith("/etc/default/")}
        assert defaults <= set(DEBIAN["paths"])


def test_every_unit_is_pacemakers_or_somebody_says_why() -> None:
    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        assert desired(cloud, host).enabled == ("chrony.service",)


@clouds
def test_what_is_said_to_systemd_is_of_a_unit_that_there_is(cloud: Cloud) -> None:
    for host in cloud.hosts:
        wanted = desired(cloud, host)
        folders = [file.path.split("/")[-2] for file in wanted.files if ".service.d/" in file.path]
        assert {folder.removesuffix(".d") for folder in folders} <= {*wanted.owned, *wanted.enabled}


def test_compute_nodes_know_no_password_of_the_database() -> None:
    for cloud in (CLOUDS["three-controllers"], CLOUDS["redhat"]):
        for host in cloud.with_role("compute"):
            for file in desired(cloud, host).files:
                assert "-db-hidden" not in file.content.reveal(), file.path


def test_a_controller_that_computes_has_the_controllers_files() -> None:
    cloud = CLOUDS["all-in-one"]
    (host,) = cloud.hosts
    wanted = {file.path: file for file in desired(cloud, host).files}
    assert "[api_database]" in wanted["/etc/nova/nova.conf"].redacted
    assert "l3_ha = false" in wanted["/etc/neutron/neutron.conf"].redacted
    assert "compute_driver" in wanted["/etc/nova/nova-compute.conf"].redacted


@clouds
def test_what_all_hosts_need_is_made_on_a_controller(cloud: Cloud) -> None:
    """Controllers come first: what they wait for cannot come from a node that comes later."""
    members = {host.name for host in cloud.members}
    for service in ordered(cloud.services):
        makers = {
            each.name: each.host
            for each in desired_jobs(cloud, service, secrets(cloud))
            if each.host in members
        }
        assert {shared.generated_by for shared in service.shared} <= set(makers), service.name


def test_a_host_that_mounts_a_share_has_what_mounts_it() -> None:
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
def test_a_backend_brings_its_packages(family: str, settings: dict[str, str], more: set[str]) -> None:
    cloud = replace(CLOUDS["three-controllers"], settings=settings, family=family)
    plain = replace(cloud, settings={})
    found, usual = (set(desired(each, each.hosts[0]).packages) for each in (cloud, plain))
    assert found - usual == more - ({"tgt"} if family == "redhat" else {"targetcli"})
