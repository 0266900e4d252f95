"""Gathering of host facts, on this machine."""

from pathlib import Path

from pacemaker_os.install.facts.gather import gather_host_facts
from pacemaker_os.install.facts.host_facts import digest
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost
from pacemaker_os.secret import Secret
from pacemaker_os.transport.local import LocalTransport


def test_gather_host_facts_returns_files_directories_and_names(tmp_path: Path) -> None:
    path = tmp_path / "service.conf"
    path.write_text("workers = 1\n")
    file = DesiredFile(
        path=str(path),
        content=Secret("workers = 2\n"),
        redacted="workers = 2\n",
        owner="root:root",
        mode=0o644,
        service="keystone",
    )
    desired = DesiredHost(
        host="controller01",
        packages=(),
        files=(file,),
        directories=((str(tmp_path), "root:root"), (str(tmp_path / "missing"), "root:root")),
        owned=(),
        masked=(),
        enabled=(),
    )
    facts = gather_host_facts(LocalTransport(), desired, ["localhost"])
    assert facts.files[str(path)].text == "workers = 1\n"
    assert facts.files[str(path)].digest != digest(file)
    assert list(facts.directories) == [str(tmp_path)]
    assert {"127.0.0.1", "::1"} & set(facts.names["localhost"])
