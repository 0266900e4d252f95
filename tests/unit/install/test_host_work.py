"""What is to be done on a host is what it shall have, less what it has."""

from dataclasses import replace
from hashlib import sha256

import pytest

from pacemaker_os.install.changes.host_changes import HostWork, described, host_work
from pacemaker_os.install.changes.systemd_overrides import handed_over
from pacemaker_os.install.facts.host_facts import (
    NO_STARTS,
    POLICY,
    FileFacts,
    HostFacts,
    UnitFacts,
    digest,
    unit_facts,
)
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.secret import Secret

FILE = WantedFile(
    path="/etc/keystone/keystone.conf",
    content=Secret("[database]\nconnection = mysql://keystone:hidden@192.0.2.10/keystone\n"),
    shown="[database]\nconnection = mysql://keystone:*****@192.0.2.10/keystone\n",
    owner="root:keystone",
    mode=0o640,
    service="keystone",
)
KERNEL = WantedFile(
    path="/etc/sysctl.d/60-openstack.conf",
    content=Secret("net.ipv4.ip_nonlocal_bind = 1\n"),
    shown="net.ipv4.ip_nonlocal_bind = 1\n",
    owner="root:root",
    mode=0o644,
    service="system",
)
WANTED = WantedHost(
    host="controller01",
    packages=("keystone",),
    files=(FILE, KERNEL),
    folders=(("/var/lib/nova/tmp", "nova:nova"),),
    owned=("keystone.service",),
    masked=("mariadb.service",),
    enabled=("chrony.service",),
)
ADDRESSES = {"controller01": "192.0.2.11"}


def there(file: WantedFile) -> FileFacts:
    return FileFacts(digest(file), file.owner, file.mode, 100.0)


def unit(enabled: str, *, active: bool = False) -> UnitFacts:
    return UnitFacts(known=True, enabled=enabled, active=active, restart="no", since=0)


RIGHT = HostFacts(
    host="controller01",
    packages={"keystone": "22"},
    files={FILE.path: there(FILE), KERNEL.path: there(KERNEL)},
    folders={"/var/lib/nova/tmp": "nova:nova"},
    units={
        "keystone.service": unit("disabled", active=True),
        "mariadb.service": unit("masked"),
        "chrony.service": unit("enabled", active=True),
    },
    names={"controller01": ("192.0.2.11",)},
    settings={"net.ipv4.ip_nonlocal_bind": "1"},
)


def test_a_host_that_is_right_has_no_work() -> None:
    work = host_work(WANTED, RIGHT, ADDRESSES)
    assert not work
    assert work == HostWork(host="controller01")
    assert list(described(work, RIGHT)) == []


#: A unit that was asked to start, and found that a condition of its own is not met.
UNFIT = replace(unit("enabled"), unfit=True)
UNFIT_AT_REST = replace(unit("disabled"), unfit=True)


def test_a_unit_that_would_not_run_here_was_started_as_far_as_it_can_be() -> None:
    facts = replace(RIGHT, units={**RIGHT.units, "chrony.service": UNFIT})
    assert not host_work(WANTED, facts, ADDRESSES)


#: What systemd says of conditions: of a unit that was never started, one that was refused, one that runs.
CONDITIONS = [
    ({"ConditionResult": "no", "ConditionTimestamp": ""}, False),
    ({"ConditionResult": "no", "ConditionTimestamp": "@0"}, False),
    ({"ConditionResult": "no", "ConditionTimestamp": "@1795217461"}, True),
    ({"ConditionResult": "yes", "ConditionTimestamp": "@1795217461"}, False),
]


@pytest.mark.parametrize(("said", "unfit"), CONDITIONS)
def test_a_condition_that_was_never_looked_at_is_no_refusal(said: dict[str, str], unfit: bool) -> None:
    assert unit_facts({"LoadState": "loaded", "ActiveState": "inactive", **said}).unfit is unfit


#: What is otherwise on the host, and which work comes of it.
OTHERWISE = [
    ({"packages": {}}, "packages", ("keystone",)),
    ({"folders": {"/var/lib/nova/tmp": "root:root"}}, "folders", (("/var/lib/nova/tmp", "nova:nova"),)),
    ({"units": {**RIGHT.units, "keystone.service": unit("enabled")}}, "disable", ("keystone.service",)),
    ({"units": {**RIGHT.units, "mariadb.service": unit("disabled")}}, "mask", ("mariadb.service",)),
    ({"units": {**RIGHT.units, "chrony.service": unit("enabled")}}, "enable", ("chrony.service",)),
    ({"units": {**RIGHT.units, "chrony.service": UNFIT_AT_REST}}, "enable", ("chrony.service",)),
    ({"settings": {"net.ipv4.ip_nonlocal_bind": "0"}}, "settings", (KERNEL.path,)),
    ({"files": {KERNEL.path: there(KERNEL)}}, "files", (FILE,)),
    ({"files": {**RIGHT.files, FILE.path: replace(there(FILE), mode=0o644)}}, "files", (FILE,)),
    ({"files": {**RIGHT.files, FILE.path: replace(there(FILE), owner="root:root")}}, "files", (FILE,)),
    ({"files": {**RIGHT.files, FILE.path: replace(there(FILE), digest="0")}}, "files", (FILE,)),
]


@pytest.mark.parametrize(("changed", "what", "work"), OTHERWISE)
def test_each_thing_that_is_otherwise_is_work(changed: dict[str, object], what: str, work: object) -> None:
    facts = replace(RIGHT, **changed)  # type: ignore[arg-type]  # a case names its own field
    found = host_work(WANTED, facts, ADDRESSES)
    assert found == replace(HostWork(host="controller01"), **{what: work})
    assert len(list(described(found, facts))) == 1


def test_a_difference_shows_no_secret_and_no_comment() -> None:
    old = replace(
        there(FILE),
        digest="0",
        text=(
            "# of the package\nconnection = mysql://keystone:older@localhost/keystone\nadmin_token = abc\n"
            "transport_url = rabbit://openstack:first@192.0.2.11:5672,openstack:second@192.0.2.12:5672/\n"
            "words = known\n"
        ),
    )
    facts = replace(RIGHT, files={**RIGHT.files, FILE.path: old})
    (change,) = described(host_work(WANTED, facts, ADDRESSES), facts, [Secret("known")])
    assert "mysql://keystone:*****@192.0.2.10" in change.difference
    assert "mysql://keystone:*****@localhost" in change.difference
    assert "openstack:*****@192.0.2.12:5672/" in change.difference
    for hidden in ("hidden", "older", "abc", "first", "second", "known", "of the package"):
        assert hidden not in change.difference


def test_a_name_that_stands_for_loopback_is_written_to_the_file_of_names() -> None:
    before = FileFacts("0", "root:root", 0o644, 1.0, "127.0.0.1 localhost\n127.0.1.1 controller01\n")
    facts = replace(
        RIGHT,
        names={"controller01": ("127.0.1.1", "192.0.2.11")},
        files={**RIGHT.files, "/etc/hosts": before},
    )
    (file,) = host_work(WANTED, facts, ADDRESSES).files
    text = file.content.reveal()
    assert "127.0.0.1 localhost\n" in text
    assert "127.0.1.1" not in text
    assert "192.0.2.11\tcontroller01\n" in text
    again = replace(facts, files={**facts.files, "/etc/hosts": replace(before, text=text)})
    (same,) = host_work(WANTED, again, ADDRESSES).files
    assert same.content == file.content


def drop_ins() -> dict[str, str]:
    """What is said to systemd of units, beside their packages: by the path, the text."""
    added = (file for file in handed_over(WANTED).files if file not in WANTED.files)
    return {file.path.removeprefix("/etc/systemd/system/"): file.content.reveal() for file in added}


def test_units_of_pacemaker_are_not_restarted_by_systemd() -> None:
    text = drop_ins()["keystone.service.d/50-pacemaker-os.conf"]
    assert "[Service]\nRestart=no\n" in text
    # At shutdown Pacemaker stops them, before systemd would.
    assert "[Unit]\nBefore=pacemaker.service pacemaker_remote.service\n" in text


def test_pacemaker_goes_first_where_it_runs_something() -> None:
    first = {path for path, text in drop_ins().items() if text.endswith("[Service]\nNice=-10\n")}
    assert first == {f"{unit}.service.d/40-first.conf" for unit in ("pacemaker", "pacemaker_remote")}
    assert len(drop_ins()) == 3
    assert handed_over(replace(WANTED, owned=())).files == WANTED.files


def test_what_an_installation_that_was_cut_off_has_left_is_taken_away() -> None:
    ours = FileFacts(sha256(NO_STARTS).hexdigest(), "root:root", 0o755, 1.0)
    facts = replace(RIGHT, files={**RIGHT.files, POLICY: ours})
    assert host_work(WANTED, facts, ADDRESSES).leftover == (POLICY,)
    theirs = replace(facts, files={**RIGHT.files, POLICY: replace(ours, digest="0")})
    assert not host_work(WANTED, theirs, ADDRESSES)
