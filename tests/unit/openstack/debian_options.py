"""The options in sample files of Debian's packages, compared with those in service definitions.

`python tests/unit/openstack/debian_options.py DEBIAN DIRECTORY` writes the case of Debian 12 or 13 from
packages that were unpacked there (`apt-get download NAME...`, `dpkg-deb -x FILE DIRECTORY`). It prints the
options that no sample contains.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import yaml
from clouds import CLOUDS, desired

CASES = Path(__file__).parents[2] / "cases" / "openstack"

#: The cloud on each Debian.
DEBIANS = {"12": "three-controllers", "13": "debian-2025.1"}

#: The sample of each file, if a package contains one.
SAMPLES = {
    "/etc/aodh/aodh.conf": "usr/share/aodh-common/aodh.conf",
    "/etc/ceilometer/ceilometer.conf": "usr/share/ceilometer-common/ceilometer.conf",
    "/etc/cinder/cinder.conf": "usr/share/cinder-common/cinder.conf",
    "/etc/glance/glance-api.conf": "usr/share/glance-common/glance-api.conf",
    "/etc/gnocchi/gnocchi.conf": "usr/share/gnocchi-common/gnocchi.conf",
    "/etc/heat/heat.conf": "usr/share/heat-common/heat.conf",
    "/etc/keystone/keystone.conf": "usr/share/keystone/keystone.conf",
    "/etc/neutron/dhcp_agent.ini": "usr/share/neutron-common/dhcp_agent.ini",
    "/etc/neutron/l3_agent.ini": "usr/share/neutron-common/l3_agent.ini",
    "/etc/neutron/metadata_agent.ini": "usr/share/neutron-metadata-agent/metadata_agent.ini",
    "/etc/neutron/neutron.conf": "usr/share/neutron-common/neutron.conf",
    "/etc/neutron/plugins/ml2/linuxbridge_agent.ini": "etc/neutron/plugins/ml2/linuxbridge_agent.ini",
    "/etc/neutron/plugins/ml2/ml2_conf.ini": "usr/share/neutron-common/plugins/ml2/ml2_conf.ini",
    "/etc/neutron/plugins/ml2/openvswitch_agent.ini": (
        "usr/share/neutron-common/plugins/ml2/openvswitch_agent.ini"
    ),
    "/etc/nova/nova-compute.conf": "usr/share/nova-common/nova.conf",
    "/etc/nova/nova.conf": "usr/share/nova-common/nova.conf",
    "/etc/placement/placement.conf": "usr/share/placement-common/placement.conf",
    **{
        f"/etc/swift/{name}.conf": f"usr/share/doc/swift-{package}/examples/{name}.conf"
        for name, package in (
            *(("account-server", "account"), ("container-server", "container"), ("object-server", "object")),
            *(("object-expirer", "object-expirer"), ("proxy-server", "proxy")),
        )
    },
    "/etc/swift/swift.conf": "usr/share/doc/swift/examples/swift.conf",
}

#: Settings that together render every option: storage backends, network agents, TLS.
VARIANTS = (
    {},
    {"volume_backend": "rbd", "image_store": "rbd", "network_agent": "openvswitch"},
    {"volume_backend": "lvm", "image_store": "swift", "tls": "yes"},
)

#: The keys of each section, by file.
Options = dict[str, dict[str, set[str]]]


def options(text: str) -> dict[str, set[str]]:
    """Return the keys of each section of an ini file, including those in comments, as in samples."""
    found: dict[str, set[str]] = {}
    section = "DEFAULT"
    for line in text.splitlines():
        if begun := re.match(r"#?\s*\[([^\]]+)\]\s*$", line):
            section = begun[1]
        elif option := re.match(r"#?\s?([\w.-]+)\s*=", line):
            found.setdefault(section, set()).add(option[1])
    return found


def case(debian: str) -> Path:
    """Return the path of the case of a Debian release."""
    return CASES / f"debian-{debian}-options.yaml"


@cache
def written(debian: str) -> Options:
    """Return the options that service definitions set in files that have a sample."""
    found: Options = {}
    for settings in VARIANTS:
        cloud = replace(CLOUDS[DEBIANS[debian]], settings=settings)
        for host in cloud.hosts:
            for file in desired(cloud, host).files:
                if file.path in SAMPLES:
                    for section, keys in options(file.redacted).items():
                        found.setdefault(file.path, {}).setdefault(section, set()).update(keys)
    return found


def missing(debian: str, known: Options) -> Iterator[str]:
    """Yield the options that service definitions set and `known` lacks, as `FILE [SECTION] KEY`."""
    for path, sections in sorted(written(debian).items()):
        for section, keys in sections.items():
            yield from (
                f"{path} [{section}] {key}" for key in sorted(keys - known.get(path, {}).get(section, set()))
            )


def main(debian: str, directory: Path) -> None:
    """Write the case from the samples below `directory`, and print the options that they lack."""
    samples = {
        path: options((directory / SAMPLES[path]).read_text(errors="replace")) for path in written(debian)
    }
    content = yaml.safe_load(case(debian).read_text())
    content["samples"] = {
        path: {
            section: " ".join(sorted(keys & samples[path].get(section, set())))
            for section, keys in sections.items()
            if keys & samples[path].get(section, set())
        }
        for path, sections in sorted(written(debian).items())
    }
    case(debian).write_text(yaml.safe_dump(content, sort_keys=False, width=110))
    print("\n".join(missing(debian, samples)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
