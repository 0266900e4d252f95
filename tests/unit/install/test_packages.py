"""Installation of packages."""

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


def test_install_packages_removes_policy_file_afterwards() -> None:
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


def test_install_packages_keeps_policy_file_of_the_operator() -> None:
    policy_file = {POLICY: b"#!/bin/sh\nexit 101\n"}
    line = [Expect(("test", "-e", POLICY)), *BEGIN, Expect(INSTALL, status=100, stderr="no")]
    node = FakeTransport(line, files=dict(policy_file))
    with pytest.raises(CommandFailed):
        host_actions.install_packages(node, "debian", ["keystone"])
    assert node.files == policy_file
    node.finish()


def test_install_packages_removes_policy_file_of_interrupted_deployment() -> None:
    done = [*BEGIN, Expect(INSTALL), Expect(("rm", "-f", POLICY))]
    node = FakeTransport([Expect(("test", "-e", POLICY)), *done], files={POLICY: NO_STARTS})
    host_actions.install_packages(node, "debian", ["keystone"])
    node.finish()


def test_install_packages_retries_while_package_manager_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_actions, "_LOCK_INTERVAL", 0.0)
    output = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
    busy = Expect(("apt-get", "-qq", "update"), status=100, stderr=output)
    line = [Expect(("test", "-e", POLICY), status=1), BEGIN[0], busy, busy, BEGIN[1], Expect(INSTALL)]
    node = FakeTransport([*line, Expect(("rm", "-f", POLICY))])
    host_actions.install_packages(node, "ubuntu", ["keystone"])
    node.finish()


def test_install_packages_with_dnf_needs_no_policy_file() -> None:
    node = FakeTransport(
        [Expect(("dnf", "-q", "makecache")), Expect(("dnf", "-q", "-y", "install", "openstack-keystone"))]
    )
    host_actions.install_packages(node, "redhat", ["openstack-keystone"])
    node.finish()
