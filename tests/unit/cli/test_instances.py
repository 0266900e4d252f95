"""`pcs-os instances` with a simulated Nova API and a CIB file."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pacemaker_os.cli import main as entry

sys.path.insert(0, str(Path(__file__).parents[1] / "agents"))
from nova_fake import Cloud
from nova_server import serve
from nova_world import Move

pytestmark = pytest.mark.skipif(
    not shutil.which("cibadmin", path="/usr/sbin"), reason="Pacemaker's programs are not installed"
)

CIB = """
<cib validate-with="pacemaker-3.5" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/>
<nodes><node id="compute2" uname="compute2" type="remote"><instance_attributes id="a">{attribute}
</instance_attributes></node></nodes>
<resources><primitive id="evacuate" class="ocf" provider="pacemaker-os" type="nova-evacuate">
<instance_attributes id="i"><nvpair id="i1" name="credentials_file" value="{credentials}"/>
<nvpair id="i2" name="shared_storage" value="yes"/></instance_attributes></primitive></resources>
<constraints/></configuration><status/></cib>
"""
REQUEST = '<nvpair id="a1" name="nova-evacuation" value="20261120T170000Z-0001"/>'

Run = Callable[..., int]


@pytest.fixture
def cloud() -> Cloud:
    found = Cloud(3)
    found.boot("web", "compute1", metadata={"evacuation-priority": "10"})
    found.boot("amphora", "compute1", name="amphora-7")
    found.boot("big", "compute1", flavor={"vcpus": 5000, "ram": 64, "disk": 1, "extra_specs": {}})
    return found


@pytest.fixture
def run(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    credentials = tmp_path / "nova.conf"
    with serve(cloud) as port:
        credentials.write_text(
            f"OS_AUTH_URL=http://127.0.0.1:{port}\nOS_USERNAME=nova\nOS_PASSWORD=right\nOS_PROJECT_NAME=service\n"
        )
        credentials.chmod(0o600)
        monkeypatch.setenv("CIB_file", str(tmp_path / "cib.xml"))

        def call(*args: str, attribute: str = "") -> int:
            text = CIB.format(credentials=credentials, attribute=attribute)
            (tmp_path / "cib.xml").write_text(text)
            with pytest.raises(SystemExit) as stop:
                entry.main(["instances", *args])
            assert isinstance(stop.value.code, int)
            return stop.value.code

        yield call


def test_plan_shows_target_host_or_reason(run: Run, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "--fail", "compute1") == 5
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "If compute1 failed now"
    assert lines[1].split() == ["->", "name-web", "web", "compute3", "(priority", "10)"]
    assert "amphora-7  amphora  excluded by the rule name:amphora-*" in lines[2]
    assert "no eligible host has 5000 VCPU" in lines[3]
    assert "1 would be evacuated, 1 would not, 1 have no host with free capacity" in lines[4]
    assert not any(call.startswith(("PUT", "POST /compute")) for call in cloud.calls)


def test_plan_json_lists_outcomes(run: Run, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    del cloud.guests["big"]
    assert run("plan", "--fail", "compute1", "--json") == 0
    response = json.loads(capsys.readouterr().out)
    assert [(each["id"], each["outcome"]) for each in response["instances"]] == [
        ("web", "evacuated"),
        ("amphora", "skipped"),
    ]


def test_plan_unknown_node_lists_known_nodes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "--fail", "compute9") == 1
    assert "known hosts: compute1, compute2, compute3" in capsys.readouterr().err


def test_status_during_evacuation_is_read_only(
    run: Run, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.boot("db", "compute2")
    machine = cloud.machines["compute2"]
    cloud.power_off("compute2")
    machine.forced_down, machine.status = True, "disabled"
    machine.reason = "pacemaker-os 20261120T170000Z-0001 after=0 before=enabled"
    cloud.machines["compute3"].status = "disabled"
    cloud.machines["compute3"].reason = "new memory"
    cloud.guests["db"].task_state = "rebuilding"
    cloud.moves.append(Move(1, "db", "compute2", due=1e9))
    assert run("status", attribute=REQUEST) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "compute2  fenced, request 20261120T170000Z-0001: 1 in-progress"
    assert lines[1] == "  ~ name-db  db  in-progress"
    assert lines[2] == "compute3  up, disabled: new memory"
    assert not any(call.startswith(("PUT", "POST /compute")) for call in cloud.calls)


def test_status_without_evacuation_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status") == 0
    assert capsys.readouterr().out == "No compute node is being evacuated.\n"


def test_history_lists_migrations_of_nova(run: Run, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.moves = [
        Move(1, "web", "compute2", "completed", "compute1"),
        Move(2, "big", "compute2", "error"),
        Move(3, "web", "compute3", "done", "compute1"),
    ]
    assert run("history") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026-11-20  from compute3: 1 done"
    assert lines[2] == "2026-11-20  from compute2: 1 completed, 1 error"
    assert run("history", "compute3", "--json") == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [3]


def test_status_without_credentials_names_the_file(
    run: Run, cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nova.conf").unlink()
    assert run("status") == 1
    assert f"credentials file {tmp_path / 'nova.conf'}: No such file" in capsys.readouterr().err
