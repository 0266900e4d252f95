"""Effects that plans predict with Pacemaker's scheduler, and services that `check` reports as stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.planner import Prepared, prepare
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction.effects import Effect

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

BASE = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
<configuration><crm_config/>
<nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/></nodes>
<resources><primitive id="fence" class="stonith" type="fence_x"/></resources><constraints/>
</configuration><status/></cib>"""

#: Short forms of resources.
SHORT: dict[str, dict[str, Any]] = {
    "!dummy": {"agent": "ocf:pacemaker:Dummy"},
    "!clone": {"agent": "ocf:pacemaker:Dummy", "clone": {}},
    "!stateful": {"agent": "ocf:pacemaker:Stateful"},
    "!promotable": {"agent": "ocf:pacemaker:Stateful", "promotable": {}},
}


class Loader(yaml.SafeLoader):
    """Reads cases with short forms of resources."""


for tag, value in SHORT.items():
    Loader.add_constructor(tag, lambda loader, node, value=value: dict(value))

CASES = yaml.load((Path(__file__).parents[2] / "cases/plan/predictions.yaml").read_text(), Loader)


def plan(path: Path, content: dict[str, Any]) -> Prepared:
    text = yaml.dump({"name": "site", **content}, Dumper=Plain)
    cib = document.load(text)
    return prepare(connect(Target(cib_file=str(path))), cib, name="site", options=PlanOptions())


class Plain(yaml.SafeDumper):
    """Writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def described(effect: Effect) -> str:
    """Return an effect as the cases write it: the verb, the resource, its role, and the cause."""
    name = effect.resource.split(":")[0]
    if effect.verb != "cannot-run":
        return f"{effect.verb} {name} < {effect.cause.text}"
    return f"{effect.verb} {name}{f' {effect.role}' if effect.role else ''}: {effect.cause.text}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_plan_predicts_effects(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    path.write_text(BASE)
    if "before" in case:
        prepared = plan(path, case["before"])
        path.write_bytes(etree.tostring(prepared.target))
    found = sorted(map(described, plan(path, case["document"]).plan.effects))
    expected = sorted(case["effects"])
    assert len(found) == len(expected), found
    assert [f for f, e in zip(found, expected, strict=True) if not f.startswith(e)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_check_reports_what_never_runs(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    path.write_text(BASE)
    text = yaml.dump({"name": "site", **case["document"]}, Dumper=Plain)
    cib = document.load(text)
    cluster = connect(Target(cib_file=str(path)))
    report = check_survival(cluster, cib, name="site", options=PlanOptions(), failed_nodes=1)
    assert sorted(each.service for each in report.not_running) == case["not_running"]
    assert report.passed is False or not case["not_running"]


def test_check_names_the_constraint_on_which_the_scheduler_aborts(tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    path.write_text(BASE)
    text = "resources: {g: {group: {x: !dummy , y: !dummy }, clone: {}}}\norder: [y then x]\n"
    cib = document.load(yaml.dump({"name": "site", **yaml.load(text, Loader)}, Dumper=Plain), file="site")
    cluster = connect(Target(cib_file=str(path)))
    report = check_survival(cluster, cib, name="site", options=PlanOptions(), failed_nodes=1)
    assert not report.passed
    assert not report.outcomes
    (error,) = [each for each in report.errors if "aborts because of constraint" in each.text]
    assert (error.object, error.origin.partition(":")[0]) == ("order-y-x-mandatory", "site")
