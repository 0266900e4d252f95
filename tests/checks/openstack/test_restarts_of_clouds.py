"""The restarts that changed files cause, for every cloud of these tests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clouds import CLOUDS
from clouds import desired as render_host

from pacemaker_os.install.context.inventory import Inventory
from pacemaker_os.install.facts.host_facts import FileFacts, HostFacts, UnitFacts
from pacemaker_os.install.restarts.outdated import NeededRestart, needed_restarts
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.document import cluster_document

#: Services whose daemons read no deployed file at their start.
WITHOUT_FILES = ("etcd", "first-use", "memcached", "openvswitch", "system")


def restarts_after_all_files_changed(cloud: Cloud, *services: str) -> list[NeededRestart]:
    """Return the needed restarts if every file is newer than all running processes."""
    desired = {host.name: render_host(cloud, host) for host in cloud.hosts}
    unit = UnitFacts(known=True, enabled="disabled", active=True, restart="no", since=100)
    facts = {
        host: HostFacts(
            host=host,
            files={file.path: FileFacts("0", file.owner, file.mode, 200.0) for file in each.files},
            units=dict.fromkeys((*each.owned, *each.enabled), unit),
            daemons=dict.fromkeys((resource for resource, _ in each.daemons), 100),
        )
        for host, each in desired.items()
    }
    cloud = replace(cloud, services=tuple(service.name for service in ordered(cloud.services)))
    return list(needed_restarts(cloud, Inventory(desired, facts), services or cloud.services))


@pytest.mark.parametrize("name", CLOUDS)
def test_restarts_are_of_resources_in_the_document_and_unique(name: str) -> None:
    cloud = CLOUDS[name]
    found = restarts_after_all_files_changed(cloud)
    document = cluster_document(cloud, ordered(cloud.services))
    for each in found:
        if not each.systemctl:
            assert f"\n  {each.resource}:\n" in document, each
    assert len({(each.node, each.resource) for each in found}) == len(found)


@pytest.mark.parametrize("name", CLOUDS)
def test_restarts_cover_every_host_of_a_service_with_files(name: str) -> None:
    cloud = CLOUDS[name]
    for service in ordered(cloud.services):
        if service.name not in WITHOUT_FILES:
            found = restarts_after_all_files_changed(cloud, service.name)
            assert found, service.name
            resources = set(service.document.get("resources", {})) & {each.resource for each in found}
            for resource in resources:
                assert {each.node for each in found if each.resource == resource} == {
                    host.name for host in cloud.members
                }
