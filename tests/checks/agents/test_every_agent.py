"""Checks for every agent: metadata against the schemas, executables, hostile parameters, light imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from pacemaker_os.agents import find, main
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.conformance import HOSTILE
from pacemaker_os.ocf.metadata import xml
from pacemaker_os.ocf.operation import Operation
from pacemaker_os.ocf.parameter import InvalidParameter, Parameter
from pacemaker_os.ocf.parameter import Path as PathParameter
from pacemaker_os.ocf.run import run
from pacemaker_os.ocf.testing import World

ROOT = Path(__file__).parents[3]
RNG = ROOT / "tests" / "cases" / "agents" / "ocf-1.1.rng"
SHARED = Path("/usr/share/resource-agents")
DTD, AGENTS_RNG = SHARED / "ra-api-1.dtd", SHARED / "metadata.rng"
# A fence agent is of another kind: Pacemaker's fencer runs it, with another protocol.
FENCE_AGENTS = ("fence_nova",)
SHIMS = sorted(
    path for path in (ROOT / "agents").iterdir() if path.suffix != ".md" and path.name not in FENCE_AGENTS
)
NAMES = [path.name for path in SHIMS]


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> type[Agent]:
    return find(request.param)


@pytest.mark.parametrize(("given", "own"), [(-10, 0), (0, 0), (5, 5)])
def test_main_resets_negative_niceness(monkeypatch: pytest.MonkeyPatch, given: int, own: int) -> None:
    """Child processes would inherit it."""
    niceness = [given]
    monkeypatch.chdir("/")
    monkeypatch.setattr(os, "_exit", sys.exit)
    monkeypatch.setattr(os, "getpriority", lambda which, who: niceness[0])
    monkeypatch.setattr(os, "setpriority", lambda which, who, value: niceness.__setitem__(0, value))
    monkeypatch.setattr(sys, "argv", ["galera", "usage"])
    with pytest.raises(SystemExit):
        main("galera")
    assert niceness == [own]


@pytest.mark.parametrize("name", NAMES)
def test_executable_runs_its_agent(name: str) -> None:
    assert find(name).name == name
    path = ROOT / "agents" / name
    assert path.stat().st_mode & 0o777 == 0o755
    assert path.read_text() == SHIMS[0].read_text()


def test_every_agent_has_an_executable() -> None:
    packages = {path.parent.name for path in (ROOT / "pacemaker_os" / "agents").glob("*/agent.py")}
    assert {name.replace("-", "_") for name in NAMES} == packages


RENAMED = [
    (name, parameter) for name in NAMES for parameter in find(name).parameters() if parameter.renamed_from
]


@pytest.mark.parametrize(
    ("name", "parameter"), RENAMED, ids=[f"{name}-{parameter.name}" for name, parameter in RENAMED]
)
def test_renamed_parameter_is_read_from_its_former_name(name: str, parameter: Parameter) -> None:
    """If both names are set, the new one wins."""
    first, second = {"boolean": ("yes", "no"), "integer": ("3", "4")}.get(
        parameter.content_type, ("/3", "/4") if isinstance(parameter, PathParameter) else ("3", "4")
    )
    old, new = parameter.renamed_from, parameter.name

    def value(parameters: dict[str, str]) -> object:
        return parameter.value(World().agent(find(name), "monitor", parameters=parameters))

    assert value({old: first}) == value({new: first}) == value({old: second, new: first})
    assert value({old: first}) != value({old: second})
    assert value({}) == parameter.read("")
    (former,) = etree.fromstring(xml(find(name), "1.1").encode()).iterfind(
        f"parameters/parameter[@name='{old}']"
    )
    assert [each.get("name") for each in former.iterfind("deprecated/replaced-with")] == [new]
    content = former.find("content")
    assert content is not None and content.get("type") == parameter.content_type
    assert former.get("required") == "0" and content.get("default") is None


def test_invalid_value_of_a_former_name_is_reported_under_that_name() -> None:
    agent = World().agent(find("redis"), "monitor", parameters={"slow_answers": "many"})
    with pytest.raises(InvalidParameter, match="parameter 'slow_answers' is 'many'"):
        next(p for p in agent.parameters() if p.name == "tolerated_timeouts").value(agent)


def test_metadata_is_valid_for_ocf_1_1(kind: type[Agent]) -> None:
    etree.RelaxNG(etree.parse(RNG)).assertValid(etree.fromstring(xml(kind, "1.1").encode()))


@pytest.mark.skipif(
    not DTD.exists(), reason="package resource-agents, which has ra-api-1.dtd, is not installed"
)
def test_metadata_is_valid_for_ocf_tester(kind: type[Agent]) -> None:
    with DTD.open() as file:
        etree.DTD(file).assertValid(etree.fromstring(xml(kind, "1.0").encode()))


@pytest.mark.skipif(
    not AGENTS_RNG.exists(), reason="package resource-agents, which has metadata.rng, is not installed"
)
def test_metadata_is_valid_for_resource_agents(kind: type[Agent]) -> None:
    etree.RelaxNG(etree.parse(AGENTS_RNG)).assertValid(etree.fromstring(xml(kind, "1.0").encode()))


def test_metadata_has_what_pacemaker_needs(kind: type[Agent]) -> None:
    actions = {action.name for action in kind.actions}
    assert {"start", "stop", "monitor"} <= actions
    assert ("promote" in actions) == ("demote" in actions)
    assert all(action.timeout >= 5 for action in kind.actions)


def test_defaults_are_valid(kind: type[Agent]) -> None:
    from pacemaker_os.ocf.parameter import Account, Program

    for parameter in kind.parameters():
        if not parameter.required and not isinstance(parameter, (Account, Program)):
            parameter.read("")


def test_hostile_parameters_do_not_change_the_state(
    kind: type[Agent], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs, so a probe never reports a running service, and a stop succeeds."""
    for parameter in kind.parameters():
        for value in HOSTILE.values():
            environ = {
                f"OCF_RESKEY_{parameter.name}": value,
                "OCF_RESOURCE_INSTANCE": "hostile",
                "HA_RSCTMP": str(tmp_path),
                # Only what the parameter names is read from this host.
                **({"OCF_RESKEY_port": "1"} if parameter.name != "port" else {}),
            }
            where = (parameter.name, value[:20])
            checked = run(kind, ["validate-all"], environ)
            assert checked in (codes.SUCCESS, codes.CONFIGURED, codes.INSTALLED, codes.GENERIC), where
            output = capsys.readouterr()
            assert "Traceback" not in output.err
            assert "unexpected" not in output.err, where
            assert len(output.err.splitlines()) <= 1, where
            if checked:
                assert output.err.startswith("ocf-exit-reason:"), where
                assert run(kind, ["start"], environ) == checked, where
            assert run(kind, ["monitor"], environ) not in (codes.RUNNING, codes.RUNNING_PROMOTED), where
            assert run(kind, ["stop"], environ) == codes.SUCCESS, (where, capsys.readouterr().err)
            capsys.readouterr()


#: Too long for the environment of a process (128 KiB), but still a parameter.
LONG = "x" * (1 << 20)


@pytest.mark.parametrize(
    "value", ["; rm -rf / #", "a\nocf-exit-reason:forged", LONG], ids=["shell", "line", "long"]
)
def test_actions_hostile_parameter_is_reported(
    kind: type[Agent], value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for parameter in kind.parameters():
        environ = {
            f"OCF_RESKEY_{parameter.name}": value,
            "OCF_RESKEY_CRM_meta_interval": "10000",
            "OCF_RESOURCE_INSTANCE": "hostile",
            "HA_RSCTMP": str(tmp_path),
            **({"OCF_RESKEY_port": "1"} if parameter.name != "port" else {}),
        }
        refused = run(kind, ["validate-all"], environ)
        assert refused or "\n" not in value, parameter.name
        offered = {action.name for action in kind.actions} | (
            {"reload-agent"} if kind.reloadable() else set()
        )
        answers = {
            "promote": {refused},
            "demote": {codes.NOT_RUNNING},
            "notify": {codes.SUCCESS},
            "reload-agent": {refused},
            "monitor": {codes.NOT_RUNNING},
        }
        capsys.readouterr()
        for action, expected in answers.items():
            if not refused and action in ("promote", "reload-agent"):
                continue
            answer = run(kind, [action], environ)
            output = capsys.readouterr().err
            assert answer in (expected if action in offered else {codes.UNIMPLEMENTED}), (
                parameter.name,
                action,
            )
            assert "unexpected" not in output, (parameter.name, action)
            assert len(output.splitlines()) <= 1, (parameter.name, action)
            assert len(output) < 600, (parameter.name, action)
            assert bool(output) == (answer not in (codes.SUCCESS, codes.NOT_RUNNING, codes.UNIMPLEMENTED)), (
                output
            )


def test_start_missing_parameter_is_named(
    kind: type[Agent], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    required = [parameter.name for parameter in kind.parameters() if parameter.required]
    environ = {"OCF_RESOURCE_INSTANCE": "missing", "HA_RSCTMP": str(tmp_path), "OCF_RESKEY_port": "1"}
    for action in ("validate-all", "start") if required else ():
        assert run(kind, [action], environ) == codes.CONFIGURED
        assert f"required parameter '{required[0]}' is not set" in capsys.readouterr().err
    assert run(kind, ["monitor"], environ) == codes.NOT_RUNNING
    assert run(kind, ["stop"], environ) == codes.SUCCESS


#: A text that is invalid for each type.
WRONG = {
    "Integer": "many",
    "Port": "65536",
    "Boolean": "perhaps",
    "Duration": "soon",
    "Path": "relative/path",
    "Program": "no-such-program",
    "Account": "no-such-user",
    "Choice": "no-such-option",
}


def test_start_invalid_parameter_is_named(
    kind: type[Agent], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for parameter in kind.parameters():
        wrong = WRONG.get(type(parameter).__name__)
        if wrong is None:
            continue
        given = {p.name: "given" for p in kind.parameters() if p.required} | {parameter.name: wrong}
        environ = {f"OCF_RESKEY_{name}": value for name, value in given.items()}
        environ |= {"OCF_RESOURCE_INSTANCE": "wrong", "HA_RSCTMP": str(tmp_path)}
        agent = kind(Operation("validate-all", environ))
        with pytest.raises(InvalidParameter) as refused:
            parameter.value(agent)
        assert refused.value.code in (codes.CONFIGURED, codes.INSTALLED)
        assert f"'{parameter.name}'" in refused.value.reason
        assert wrong in refused.value.reason
        assert run(kind, ["stop"], environ) == codes.SUCCESS, (parameter.name, capsys.readouterr().err)


OURS_AND_PYTHONS = {*sys.stdlib_module_names, "pacemaker_os"}

HEAVY = {
    "subprocess",
    "json",
    "typing",
    "dataclasses",
    "logging",
    "argparse",
    "http.client",
    "pathlib",
    "xml",
}

#: Maximum number of modules that a monitor loads, including Python's own 16 at start.
MOST_MODULES = 82


@pytest.mark.parametrize("name", NAMES)
def test_monitor_imports_few_modules(name: str, tmp_path: Path) -> None:
    """This limits the cost of a monitor independent of the speed of the host."""
    done = subprocess.run(
        ["/usr/bin/python3", "-X", "importtime", "-IS", ROOT / "agents" / name, "monitor"],
        env={"HA_RSCTMP": str(tmp_path), "OCF_RESKEY_port": "1"},
        capture_output=True,
        text=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "pacemaker_os.ocf.agent" in imported
    assert not imported & HEAVY
    assert len(imported) < MOST_MODULES
    assert {word.partition(".")[0] for word in imported} - {"imported package"} <= OURS_AND_PYTHONS


@pytest.mark.parametrize("name", NAMES)
def test_metadata_works_without_privileges(name: str) -> None:
    done = subprocess.run(
        [ROOT / "agents" / name, "meta-data"],
        env={"OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert etree.fromstring(done.stdout.encode()).get("name") == name
