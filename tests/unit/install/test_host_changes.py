"""Host changes: the difference between the desired state of a host and its facts."""

from dataclasses import replace
from hashlib import sha256

import pytest

from pacemaker_os.install.changes.describe import describe_changes
from pacemaker_os.install.changes.host_changes import HostChanges, host_changes
from pacemaker_os.install.changes.systemd_overrides import with_systemd_overrides
from pacemaker_os.install.facts.host_facts import (
    NO_STARTS,
    POLICY,
    FileFacts,
    HostFacts,
    UnitFacts,
    digest,
    unit_facts,
)
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost
from pacemaker_os.secret import Secret

FILE = DesiredFile(
    path="/etc/keystone/keystone.conf",
    content=Secret("[database]\nconnection = mysql://keystone:hidden@192.0.2.10/keystone\n"),
    redacted="[database]\nconnection = mysql://keystone:*****@192.0.2.10/keystone\n",
    owner="root:keystone",
    mode=0o640,
    service="keystone",
)
KERNEL = DesiredFile(
    path="/etc/sysctl.d/60-openstack.conf",
    content=Secret("net.ipv4.ip_nonlocal_bind = 1\n"),
    redacted="net.ipv4.ip_nonlocal_bind = 1\n",
    owner="root:root",
    mode=0o644,
    service="system",
)
DESIRED = DesiredHost(
    host="controller01",
    packages=("keystone",),
    files=(FILE, KERNEL),
    directories=(("/var/lib/nova/tmp", "nova:nova"),),
    owned=("keystone.service",),
    masked=("mariadb.service",),
    enabled=("chrony.service",),
)
ADDRESSES = {"controller01": "192.0.2.11"}


def facts_of(file: DesiredFile) -> FileFacts:
    return FileFacts(digest(file), file.owner, file.mode, 100.0)


def unit(enabled: str, *, active: bool = False) -> UnitFacts:
    return UnitFacts(known=True, enabled=enabled, active=active, restart="no", since=0)


#: Facts of a host in the desired state.
FACTS = HostFacts(
    host="controller01",
    packages={"keystone": "22"},
    files={FILE.path: facts_of(FILE), KERNEL.path: facts_of(KERNEL)},
    directories={"/var/lib/nova/tmp": "nova:nova"},
    units={
        "keystone.service": unit("disabled", active=True),
        "mariadb.service": unit("masked"),
        "chrony.service": unit("enabled", active=True),
    },
    names={"controller01": ("192.0.2.11",)},
    settings={"net.ipv4.ip_nonlocal_bind": "1"},
)


def test_host_changes_of_host_in_desired_state_are_empty() -> None:
    changes = host_changes(DESIRED, FACTS, ADDRESSES)
    assert not changes
    assert changes == HostChanges(host="controller01")
    assert list(describe_changes(changes, FACTS)) == []


#: Units whose start was requested, but one of their conditions was not met.
CONDITION_FAILED = replace(unit("enabled"), condition_failed=True)
CONDITION_FAILED_DISABLED = replace(unit("disabled"), condition_failed=True)


def test_host_changes_accepts_enabled_unit_whose_condition_failed() -> None:
    facts = replace(FACTS, units={**FACTS.units, "chrony.service": CONDITION_FAILED})
    assert not host_changes(DESIRED, facts, ADDRESSES)


#: Condition properties of units: never started (twice), refused to start, running.
CONDITIONS = [
    ({"ConditionResult": "no", "ConditionTimestamp": ""}, False),
    ({"ConditionResult": "no", "ConditionTimestamp": "@0"}, False),
    ({"ConditionResult": "no", "ConditionTimestamp": "@1795217461"}, True),
    ({"ConditionResult": "yes", "ConditionTimestamp": "@1795217461"}, False),
]


@pytest.mark.parametrize(("properties", "failed"), CONDITIONS)
def test_unit_facts_reports_failed_condition_only_after_a_check(
    properties: dict[str, str], failed: bool
) -> None:
    unit = unit_facts({"LoadState": "loaded", "ActiveState": "inactive", **properties})
    assert unit.condition_failed is failed


TMP = "/var/lib/nova/tmp"

#: Facts that differ from the desired state, and the field and value of the resulting change.
DIFFERENCES = [
    ({"packages": {}}, "packages", ("keystone",)),
    ({"directories": {TMP: "root:root"}}, "directories", ((TMP, "nova:nova"),)),
    ({"units": {**FACTS.units, "keystone.service": unit("enabled")}}, "disable", ("keystone.service",)),
    ({"units": {**FACTS.units, "mariadb.service": unit("disabled")}}, "mask", ("mariadb.service",)),
    ({"units": {**FACTS.units, "chrony.service": unit("enabled")}}, "enable", ("chrony.service",)),
    ({"units": {**FACTS.units, "chrony.service": CONDITION_FAILED_DISABLED}}, "enable", ("chrony.service",)),
    ({"settings": {"net.ipv4.ip_nonlocal_bind": "0"}}, "kernel_settings", (KERNEL.path,)),
    ({"files": {KERNEL.path: facts_of(KERNEL)}}, "files", (FILE,)),
    ({"files": {**FACTS.files, FILE.path: replace(facts_of(FILE), mode=0o644)}}, "files", (FILE,)),
    ({"files": {**FACTS.files, FILE.path: replace(facts_of(FILE), owner="root:root")}}, "files", (FILE,)),
    ({"files": {**FACTS.files, FILE.path: replace(facts_of(FILE), digest="0")}}, "files", (FILE,)),
]


@pytest.mark.parametrize(("different", "field", "value"), DIFFERENCES)
def test_host_changes_contains_each_difference(
    different: dict[str, object], field: str, value: object
) -> None:
    facts = replace(FACTS, **different)  # type: ignore[arg-type]  # a case names its own field
    changes = host_changes(DESIRED, facts, ADDRESSES)
    assert changes == replace(HostChanges(host="controller01"), **{field: value})
    assert len(list(describe_changes(changes, facts))) == 1


def test_host_changes_removes_leftover_policy_file() -> None:
    facts = replace(
        FACTS,
        files={**FACTS.files, POLICY: FileFacts(sha256(NO_STARTS).hexdigest(), "root:root", 0o755, 1.0)},
    )
    changes = host_changes(DESIRED, facts, ADDRESSES)
    assert changes == HostChanges(host="controller01", leftovers=(POLICY,))
    assert [change.subject for change in describe_changes(changes, facts)] == [POLICY]


def test_host_changes_keeps_policy_file_of_the_operator() -> None:
    foreign = FileFacts(sha256(b"#!/bin/sh\nexit 101\n").hexdigest(), "root:root", 0o755, 1.0)
    assert not host_changes(DESIRED, replace(FACTS, files={**FACTS.files, POLICY: foreign}), ADDRESSES)


def test_describe_changes_shows_no_secret_and_no_comment() -> None:
    old = replace(
        facts_of(FILE),
        digest="0",
        text=(
            "# of the package\nconnection = mysql://keystone:older@localhost/keystone\nadmin_token = abc\n"
            "transport_url = rabbit://openstack:first@192.0.2.11:5672,openstack:second@192.0.2.12:5672/\n"
            "option = known\n"
        ),
    )
    facts = replace(FACTS, files={**FACTS.files, FILE.path: old})
    (change,) = describe_changes(host_changes(DESIRED, facts, ADDRESSES), facts, [Secret("known")])
    assert "mysql://keystone:*****@192.0.2.10" in change.difference
    assert "mysql://keystone:*****@localhost" in change.difference
    assert "openstack:*****@192.0.2.12:5672/" in change.difference
    for hidden in ("hidden", "older", "abc", "first", "second", "known", "of the package"):
        assert hidden not in change.difference


def test_host_changes_writes_hosts_file_when_name_resolves_to_loopback() -> None:
    before = FileFacts("0", "root:root", 0o644, 1.0, "127.0.0.1 localhost\n127.0.1.1 controller01\n")
    facts = replace(
        FACTS,
        names={"controller01": ("127.0.1.1", "192.0.2.11")},
        files={**FACTS.files, "/etc/hosts": before},
    )
    (file,) = host_changes(DESIRED, facts, ADDRESSES).files
    text = file.content.reveal()
    assert "127.0.0.1 localhost\n" in text
    assert "127.0.1.1" not in text
    assert "192.0.2.11\tcontroller01\n" in text
    again = replace(facts, files={**facts.files, "/etc/hosts": replace(before, text=text)})
    (same,) = host_changes(DESIRED, again, ADDRESSES).files
    assert same.content == file.content


def drop_ins() -> dict[str, str]:
    """Return the systemd drop-in files that a deployment adds, by path."""
    added = (file for file in with_systemd_overrides(DESIRED).files if file not in DESIRED.files)
    return {file.path.removeprefix("/etc/systemd/system/"): file.content.reveal() for file in added}


def test_systemd_override_disables_restarts_by_systemd() -> None:
    text = drop_ins()["keystone.service.d/50-pacemaker-os.conf"]
    assert "[Service]\nRestart=no\n" in text
    # At shutdown, Pacemaker stops these units before systemd would.
    assert "[Unit]\nBefore=pacemaker.service pacemaker_remote.service\n" in text


def test_systemd_override_raises_priority_of_pacemaker_where_it_manages_units() -> None:
    first = {path for path, text in drop_ins().items() if text.endswith("[Service]\nNice=-10\n")}
    assert first == {f"{unit}.service.d/40-first.conf" for unit in ("pacemaker", "pacemaker_remote")}
    assert len(drop_ins()) == 3
    assert with_systemd_overrides(replace(DESIRED, owned=())).files == DESIRED.files
