"""Packages: nothing that they bring is started, and an installation that was cut off is ended first."""

import pytest

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.facts.host_facts import NO_STARTS
from pacemaker_os.install.hosts import host_actions
from pacemaker_os.transport.fake import Expect, FakeTransport

POLICY = "/usr/sbin/policy-rc.d"
INSTALL = (
    *("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=600"),
    *("-o", "Dpkg::Options::=--force-confold", "install", "keystone"),
)
BEGIN = [Expect(("dpkg", "--configure", "-a")), Expect(("apt-get", "-qq", "update"))]


def test_a_file_keeps_services_from_starting_and_is_taken_away_again() -> None:
    node = FakeTransport(
        [
            Expect(("test", "-e", POLICY), status=1),
            *BEGIN,
            Expect(INSTALL, env={"DEBIAN_FRONTEND": "noninteractive"}),
            Expect(("rm", "-f", POLICY)),
        ]
    )
    host_actions.install_packages(node, "debian", ["keystone"])
    assert node.modes[POLICY] == (0o755, "root:root")
    node.finish()


def test_a_file_of_somebody_else_stays_even_when_the_installation_fails() -> None:
    theirs = {POLICY: b"#!/bin/sh\nexit 101\n"}
    line = [Expect(("test", "-e", POLICY)), *BEGIN, Expect(INSTALL, status=100, stderr="no")]
    node = FakeTransport(line, files=dict(theirs))
    with pytest.raises(CommandFailed):
        host_actions.install_packages(node, "debian", ["keystone"])
    assert node.files == theirs
    node.finish()


def test_a_file_of_a_deployment_that_was_cut_off_is_taken_away() -> None:
    done = [*BEGIN, Expect(INSTALL), Expect(("rm", "-f", POLICY))]
    node = FakeTransport([Expect(("test", "-e", POLICY)), *done], files={POLICY: NO_STARTS})
    host_actions.install_packages(node, "debian", ["keystone"])
    node.finish()


def test_a_package_tool_that_is_at_work_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_actions, "_PAUSE", 0.0)
    said = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
    busy = Expect(("apt-get", "-qq", "update"), status=100, stderr=said)
    line = [Expect(("test", "-e", POLICY), status=1), BEGIN[0], busy, busy, BEGIN[1], Expect(INSTALL)]
    node = FakeTransport([*line, Expect(("rm", "-f", POLICY))])
    host_actions.install_packages(node, "ubuntu", ["keystone"])
    node.finish()


def test_rpm_starts_nothing_by_itself() -> None:
    node = FakeTransport(
        [Expect(("dnf", "-q", "makecache")), Expect(("dnf", "-q", "-y", "install", "openstack-keystone"))]
    )
    host_actions.install_packages(node, "redhat", ["openstack-keystone"])
    node.finish()
