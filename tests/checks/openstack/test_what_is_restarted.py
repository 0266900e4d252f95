"""Which resources a changed file restarts, in every shape of a cloud."""

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

#: Services without a file that a program of theirs reads when it starts.
NOTHING_READ = ("etcd", "first-use", "memcached", "openvswitch", "system")


def everything_stale(cloud: Cloud, *services: str) -> list[NeededRestart]:
    """What of these services is stale when every file is newer than everything that runs."""
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
def test_only_what_the_cluster_has_is_restarted_by_it_and_each_once(name: str) -> None:
    cloud = CLOUDS[name]
    found = everything_stale(cloud)
    document = cluster_document(cloud, ordered(cloud.services))
    for each in found:
        if not each.systemctl:
            assert f"\n  {each.resource}:\n" in document, each
    assert len({(each.node, each.resource) for each in found}) == len(found)


@pytest.mark.parametrize("name", CLOUDS)
def test_every_service_with_a_file_is_restarted_on_every_host_that_has_it(name: str) -> None:
    cloud = CLOUDS[name]
    for service in ordered(cloud.services):
        if service.name not in NOTHING_READ:
            found = everything_stale(cloud, service.name)
            assert found, service.name
            resources = set(service.document.get("resources", {})) & {each.resource for each in found}
            for resource in resources:
                assert {each.node for each in found if each.resource == resource} == {
                    host.name for host in cloud.members
                }
