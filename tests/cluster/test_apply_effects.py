"""Every kind of effect on a real cluster: the journals of the nodes confirm the prediction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apply_site import Marks, Site, apply_as_predicted, document_on, dummy, predicted, runs_on
from lab_handle import LabHandle, wait_until

pytestmark = pytest.mark.cluster

AGENTS = "/usr/lib/ocf/resource.d"

STUCK = f"{AGENTS}/pacemaker-os-test/Stuck"


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(lab, tmp_path)


def test_changed_monitor_has_no_effect(site: Site) -> None:
    site.write({"resources": {"a": dummy(monitor="10s")}})
    site.apply()
    here = runs_on(site, "a")
    apply_as_predicted(site, {"resources": {"a": dummy(monitor="7s")}}, set())
    history = f"status/node_state[@uname='{here}']//lrm_rsc_op[@operation_key='a_monitor_7000']"
    wait_until("the new monitor has run", lambda: site.cib().find(history) is not None)


def test_removal_stops_the_resource_and_leaves_no_orphan(site: Site) -> None:
    content: dict[str, Any] = {"resources": {"a": dummy(), "b": dummy()}, "order": ["a then b"]}
    site.write(content)
    site.apply()
    plan = apply_as_predicted(site, {"resources": {"b": dummy()}}, {"stop"})
    assert {name for _, name, _, _ in predicted(plan)} == {"a"}
    assert site.cib().find("status//lrm_resource[@id='a']") is None


def test_resources_with_an_order_are_stopped_in_order_before_they_are_removed(site: Site) -> None:
    resources = {"a": dummy(), "b": dummy(), "web": dummy(clone={"interleave": True})}
    pair = {"group": {"disk": dummy(), "db": dummy()}}
    site.write({"resources": {**resources, "pair": pair}, "order": ["web then a", "a then b"]})
    site.apply()
    begin, marks = site.epoch(), Marks.now(site)
    plan = apply_as_predicted(site, {"resources": {}}, {"stop"})
    assert plan["stop_before_removal"] == ["a", "b", "web-clone", "pair"]
    stops = marks.order_of("stop")
    assert stops.index("b") < stops.index("a") < stops.index("web")
    assert stops.index("db") < stops.index("disk")
    # The stop and the removal.
    assert site.epoch() == begin + 2
    assert not site.query(["crm_mon", "-1", "--inactive", "--output-as=xml"]).findall(
        ".//*[@orphaned='true']"
    )


def test_resource_that_does_not_stop_is_not_removed(site: Site) -> None:
    """The resource stays configured, so that an operator can still manage it."""
    stuck = {
        "agent": "ocf:pacemaker-os-test:Stuck",
        "operations": {"stop": {"interval": "0s", "on-fail": "block"}},
    }
    for name in site.nodes:
        node = site.lab.node(name)
        node.run(["mkdir", "-p", f"{AGENTS}/pacemaker-os-test"])
        node.run(["cp", f"{AGENTS}/heartbeat/Dummy", STUCK])
    site.write({"resources": {"disk": stuck, "db": dummy()}, "order": ["disk then db"]})
    site.apply()
    for name in site.nodes:
        site.lab.node(name).run(["sed", "-i", "s/^dummy_stop() {/dummy_stop() { return 1/", STUCK])
    site.write({"resources": {}})
    found = site.apply("--rollback-on-failure", ok=(1,))
    assert found["outcome"] == "rolled-back"
    assert "disk did not stop and was not removed" in str(found["warnings"])
    assert site.cib().find(".//primitive[@id='disk']") is not None
    for name in site.nodes:
        site.lab.node(name).run(["cp", f"{AGENTS}/heartbeat/Dummy", STUCK])
    site.lab.node("controller01").run(["crm_resource", "--cleanup"])


def test_reload_and_restart_in_one_apply(site: Site) -> None:
    def content(fake: str, state: str) -> dict[str, Any]:
        soft = {"agent": "ocf:pacemaker:Dummy", "params": {"fake": fake}}
        return {"resources": {"soft": soft, "hard": dummy(state=state)}}

    site.write(content("x", "one"))
    site.apply()
    apply_as_predicted(site, content("y", "two"), {"reload", "restart"})


def test_migration_is_predicted(site: Site) -> None:
    guest = {"agent": "ocf:pacemaker:Dummy", "meta": {"allow-migrate": True}}
    site.write({"resources": {"guest": guest}})
    site.apply()
    there = next(node for node in site.nodes if node != runs_on(site, "guest"))
    location = [f"guest on {there} (INFINITY)"]
    apply_as_predicted(site, {"resources": {"guest": guest}, "location": location}, {"migrate"})


def test_location_of_the_promoted_role_demotes_and_promotes(site: Site) -> None:
    content: dict[str, Any] = {
        "resources": {
            "db": {
                "agent": "ocf:pacemaker:Stateful",
                "promotable": {"promoted-max": 1},
                "operations": {
                    "monitor": [{"interval": "10s", "role": "Promoted"}, {"interval": "11s"}],
                },
            }
        }
    }
    site.write(content)
    site.apply()
    promoted = ["crm_mon", "--one-shot", "--output-as=xml", "--resource=db-clone"]
    first = "resources//resource[@role='Promoted']/node"
    here = site.query(promoted).find(f".//{first}").get("name")
    there = next(node for node in site.nodes if node != here)
    wish = [{"resource": "db-clone", "role": "Promoted", "node": there, "score": "INFINITY"}]
    apply_as_predicted(site, {**content, "location": wish}, {"demote", "promote"})
