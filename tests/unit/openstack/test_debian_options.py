"""Service definitions set only options that Debian's packages have."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
import yaml
from clouds import CLOUDS, desired
from debian_options import DEBIANS, Options, case, missing, written

from pacemaker_os.openstack.services.ceilometer import POLLING

CASES = {debian: yaml.safe_load(case(debian).read_text()) for debian in DEBIANS}


def known(debian: str) -> Options:
    """Return the options in samples of packages, and those that are documented elsewhere."""
    found: Options = {
        path: {section: set(keys.split()) for section, keys in sections.items()}
        for path, sections in CASES[debian]["samples"].items()
    }
    for entry in CASES[debian]["elsewhere"]:
        for path, sections in entry["sections"].items():
            for section in sections.split():
                found[path].setdefault(section, set()).update(entry["keys"].split())
    return found


@pytest.mark.parametrize("debian", DEBIANS)
def test_options_exist_in_debian(debian: str) -> None:
    assert list(missing(debian, known(debian))) == []


def test_missing_reports_an_unknown_option() -> None:
    without = known("12")
    without["/etc/cinder/cinder.conf"]["DEFAULT"].discard("backup_driver")
    assert list(missing("12", without)) == ["/etc/cinder/cinder.conf [DEFAULT] backup_driver"]


@pytest.mark.parametrize("debian", DEBIANS)
def test_options_documented_elsewhere_are_in_use(debian: str) -> None:
    for entry in CASES[debian]["elsewhere"]:
        for path, sections in entry["sections"].items():
            for section in sections.split():
                assert written(debian)[path][section] & set(entry["keys"].split()), (path, section)


def test_polled_meters_exist_in_zed() -> None:
    meters = CASES["12"]["meters"].split()
    for source in yaml.safe_load(POLLING)["sources"]:
        for pattern in source["meters"]:
            assert any(fnmatchcase(meter, pattern) for meter in meters), pattern


def test_ceilometer_on_compute_nodes_does_not_use_redis() -> None:
    """There is no Redis client on them; tooz raises an error for a URL whose driver it cannot load."""
    cloud = CLOUDS["three-controllers"]
    for host in cloud.hosts:
        (file,) = (each for each in desired(cloud, host).files if each.path.endswith("ceilometer.conf"))
        assert ("redis://" in file.content.reveal()) == (host in cloud.with_role("controller"))
