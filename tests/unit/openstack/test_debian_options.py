"""Every option that a page writes for a Debian is one that its packages know."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
import yaml
from clouds import CLOUDS, desired
from debian_options import DEBIANS, Options, case, missing, written

from pacemaker_os.openstack.services.ceilometer import POLLING

SAID = {debian: yaml.safe_load(case(debian).read_text()) for debian in DEBIANS}


def known(debian: str) -> Options:
    """What the samples of packages have, and what is elsewhere, and why."""
    found: Options = {
        path: {section: set(keys.split()) for section, keys in sections.items()}
        for path, sections in SAID[debian]["samples"].items()
    }
    for entry in SAID[debian]["elsewhere"]:
        for path, sections in entry["sections"].items():
            for section in sections.split():
                found[path].setdefault(section, set()).update(entry["keys"].split())
    return found


@pytest.mark.parametrize("debian", DEBIANS)
def test_debian_knows_every_option(debian: str) -> None:
    assert list(missing(debian, known(debian))) == []


def test_what_is_no_option_is_found() -> None:
    without = known("12")
    without["/etc/cinder/cinder.conf"]["DEFAULT"].discard("backup_driver")
    assert list(missing("12", without)) == ["/etc/cinder/cinder.conf [DEFAULT] backup_driver"]


@pytest.mark.parametrize("debian", DEBIANS)
def test_what_is_said_to_be_elsewhere_is_written(debian: str) -> None:
    for entry in SAID[debian]["elsewhere"]:
        for path, sections in entry["sections"].items():
            for section in sections.split():
                assert written(debian)[path][section] & set(entry["keys"].split()), (path, section)


def test_every_meter_is_one_of_zeds() -> None:
    meters = SAID["12"]["meters"].split()
    for source in yaml.safe_load(POLLING)["sources"]:
        for pattern in source["meters"]:
            assert any(fnmatchcase(meter, pattern) for meter in meters), pattern


def test_the_telemetry_of_compute_nodes_asks_for_no_redis() -> None:
    """It has no client of Redis; tooz raises for an address whose driver it cannot load."""

    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        (file,) = (each for each in desired(cloud, host).files if each.path.endswith("ceilometer.conf"))
        assert ("redis://" in file.content.reveal()) == (host in cloud.with_role("controller"))
