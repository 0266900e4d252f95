"""Findings about nodes: views, daemons, disks, links, clocks and addresses."""

from dataclasses import replace

import pytest
from node_states import NAMES, daemon, facts, findings, health, space, view
from states import NODES, codes, service, state

from pacemaker_os.status.failures import Failure
from pacemaker_os.status.health.node_facts import LogLine, NodeFacts

ALONE = [{"uname": "n1", "crmd": "0", "join": "down"}, {"uname": "n2", "crmd": "offline"}]


def test_healthy_nodes_have_no_findings() -> None:
    assert findings() == ()


def test_node_that_has_not_joined_names_another_one_and_gives_no_view() -> None:
    own = facts("n1", view=view(nodes=ALONE, **{"have-quorum": "0"}))
    (found,) = findings(own, quorum=False, dc="", services=(service("vip"),))
    assert (found.code, found.command, found.node) == ("view-not-current", ("pcs-os", "status"), "n2")


def test_node_without_quorum_names_the_partition_with_quorum() -> None:
    own = facts("n1", view=view(**{"have-quorum": "0"}))
    (found,) = findings(own, quorum=False)
    assert found.code == "view-not-current"
    assert "separated" in found.text


@pytest.mark.parametrize(
    "state_of_peer", [{"crmd": "offline", "join": "member"}, {"crmd": "online", "join": "down"}]
)
def test_joined_nodes_are_those_whose_controller_is_online(state_of_peer: dict[str, str]) -> None:
    peers = [{"uname": "n1", "crmd": "online", "join": "member"}, {"uname": "n2", **state_of_peer}]
    seen = facts("n1", view=view(nodes=peers)).view
    assert seen is not None
    assert seen.joined == ("n1",)


def test_starting_cluster_does_not_report_stopped_services() -> None:
    young = [
        facts(n, **{"daemon:pacemakerd": daemon("pacemakerd", since=1_796_063_980.0)}) for n in NAMES.values()
    ]
    (found,) = findings(*young, services=(service("vip"),))
    assert (found.code, "20 s" in found.text) == ("cluster-starting", True)


def test_restarted_node_is_not_a_starting_cluster() -> None:
    young = facts("n2", **{"daemon:pacemakerd": daemon("pacemakerd", since=1_796_063_980.0)})
    assert [each.code for each in findings(young, services=(service("vip"),))] == ["service-stopped"]


def test_start_of_nodes_that_cannot_be_reached_is_unknown() -> None:
    young = {"daemon:pacemakerd": daemon("pacemakerd", since=1_796_063_980.0)}
    others = [NodeFacts(node=name, why="n2 does not answer") for name in ("n2", "n3")]
    found = findings(facts("n1", **young), *others, services=(service("vip"),))
    assert [each.code for each in found] == ["service-stopped"]
    alone = facts("n1", view=view(nodes=ALONE), **young)
    assert [each.code for each in findings(alone, *others)] == ["view-not-current"]


def test_outdated_configuration_of_a_node_is_reported() -> None:
    (found,) = findings(facts("n3", view=view(epoch="9"), disk=None))
    assert (found.code, found.subject) == ("view-outdated", "n3")


def test_configuration_that_just_changed_is_not_outdated() -> None:
    now = {"cib-last-written": "Mon Nov 30 18:39:59 2026"}
    everyone = [facts(n, view=view(epoch="13" if n == "n1" else "12", **now)) for n in NAMES.values()]
    assert findings(*everyone) == ()


@pytest.mark.parametrize(("process", "reported"), [("S", False), ("T", True)])
@pytest.mark.parametrize("change", ["unclean", "pending"])
def test_daemon_that_is_busy_with_a_failed_node_is_not_reported(
    change: str, process: str, reported: bool
) -> None:
    busy = daemon("pacemaker-controld", answers=False, process=process)
    nodes = tuple(replace(node, state=change) if node.name == "n3" else node for node in NODES)
    found = findings(facts("n1", **{"daemon:pacemaker-controld": busy}), nodes=nodes)
    assert ("daemon-not-answering" in [each.code for each in found]) is reported


@pytest.mark.parametrize(
    ("name", "process", "command"),
    [
        ("pacemaker-execd", "T", ("pkill", "-CONT", "-x", "pacemaker-execd")),
        ("pacemaker-controld", "t", ("pkill", "-CONT", "-x", "pacemaker-contr")),
        ("pacemaker-execd", "D", ("stonith_admin", "--reboot", "n2")),
        ("pcsd", "", ("systemctl", "restart", "pcsd")),
    ],
)
def test_daemon_that_does_not_answer_is_reported(name: str, process: str, command: tuple[str, ...]) -> None:
    silent = daemon(name, answers=False, process=process)
    (found,) = findings(facts("n2", **{f"daemon:{name}": silent}))
    assert (found.code, found.subject, found.command) == ("daemon-not-answering", "n2", command)
    assert found.node == ("n1" if command[0] == "stonith_admin" else "n2")


def test_daemon_that_waited_for_the_processor_is_not_reported() -> None:
    starved = daemon("pacemaker-execd", answers=False, process="R", starved=True)
    node = facts("n2", **{"daemon:pacemaker-execd": starved})
    assert findings(node) == ()
    assert node.unchecked == ("daemons",)


def test_daemon_that_does_not_run_is_reported_unless_pacemaker_just_started() -> None:
    absent = daemon("pacemaker-execd", runs=False, answers=False)
    (found,) = findings(facts("n2", **{"daemon:pacemaker-execd": absent}))
    assert found.code == "daemon-not-running"
    young = daemon("pacemakerd", since=1_796_063_990.0)
    assert findings(facts("n2", **{"daemon:pacemaker-execd": absent, "daemon:pacemakerd": young})) == ()


@pytest.mark.parametrize(
    ("disk", "part"),
    [
        ({"epoch": "11"}, "disabled disk writes"),
        ({"error": "/var/lib/pacemaker/cib/cib.xml is damaged (not XML)"}, "damaged"),
        ({"foreign": ["/var/lib/pacemaker/cib/cib.xml"]}, "not owned by hacluster"),
    ],
)
def test_cib_that_is_not_written_is_reported(disk: dict[str, object], part: str) -> None:
    healthy = {"admin_epoch": "0", "epoch": "12", "error": "", "written": 0.0, "foreign": []}
    (found,) = findings(facts("n2", disk={**healthy, **disk}))
    assert (found.code, found.node) == ("cib-not-written", "n2")
    assert part in found.reason
    assert "pkill -PIPE -x pacemaker-based" in found.command[2]


def test_epoch_that_was_raised_without_a_change_is_not_a_lost_write() -> None:
    bumped = {"admin_epoch": "0", "epoch": "11", "error": "", "written": 0.0, "foreign": []}
    disk = {**bumped, "cib-last-written": view()["cib-last-written"]}
    assert findings(facts("n2", disk=disk)) == ()


def test_low_and_read_only_file_systems_are_reported() -> None:
    (found,) = findings(facts("n2", file_systems=[space("/var/log", free=3, low=True)]))
    assert (found.code, found.severity) == ("disk-space", "warning")
    (found,) = findings(facts("n2", file_systems=[space("/var/lib/pacemaker", read_only=True)]))
    assert (found.severity, "read-only" in found.text) == ("critical", True)


@pytest.mark.parametrize(
    ("enabled", "active", "reported"),
    [
        ("enabled", "failed", True),
        ("enabled", "inactive", True),
        ("disabled", "inactive", False),
        ("enabled", "activating", False),
        ("enabled", "deactivating", True),
    ],
)
def test_pcsd_is_reported_if_it_is_enabled_and_not_active(enabled: str, active: str, reported: bool) -> None:
    units = {"pcsd": {"UnitFileState": enabled, "ActiveState": active}}
    assert bool(findings(facts("n2", units=units))) == reported


def links(own: int, down: tuple[int, ...], count: int = 2) -> dict[str, object]:
    peers = [number for number in (1, 2, 3) if number != own]
    return {
        "id": own,
        "links": [
            {"link": link, "peer": peer, "connected": not (link == 0 and (peer in down or own in down))}
            for link in range(count)
            for peer in peers
        ],
    }


def test_link_of_one_node_is_reported_while_another_link_works() -> None:
    everyone = [facts(f"n{n}", links=links(n, (2,))) for n in (1, 2, 3)]
    (found,) = findings(*everyone)
    assert (found.code, found.subject) == ("link-down", "n2")


def test_only_link_of_a_failed_node_is_not_a_finding_about_links() -> None:
    assert findings(*(facts(f"n{n}", links=links(n, (2,), 1)) for n in (1, 3))) == ()


def test_clock_that_differs_is_reported() -> None:
    (found,) = findings(facts("n2", clock=-35.0))
    assert (found.code, found.subject, "behind" in found.text) == ("clocks-differ", "n2", True)
    assert findings(facts("n2", clock=1.5)) == ()
    # The clock of this machine does not matter.
    assert findings(*(facts(n, clock=500.0) for n in NAMES.values())) == ()


def duplicate(**answers: list[str]) -> NodeFacts:
    held = {"10.0.0.9": "10.0.0.9/24 eth0"}
    return facts(
        "n1",
        addresses={
            "own": ["02:00:00:00:00:01"],
            "held": held,
            "answers": {"10.0.0.9": answers["macs"]},
        },
    )


def test_duplicate_address_on_another_node_is_removed_there() -> None:
    other = facts(
        "n2",
        addresses={"own": ["02:00:00:00:00:02"], "held": {"10.0.0.9": "10.0.0.9/32 eth1"}, "answers": {}},
    )
    made = health(duplicate(macs=["02:00:00:00:00:02"]), other, addresses={"10.0.0.9": "vip"})
    (found,) = state(health=made).findings
    assert found.command == ("ip", "address", "delete", "10.0.0.9/32", "dev", "eth1")
    assert (found.node, found.subject) == ("n2", "vip")


def test_duplicate_address_on_another_machine_is_reported() -> None:
    made = health(duplicate(macs=["aa:bb:cc:dd:ee:ff"]), addresses={"10.0.0.9": "vip"})
    (found,) = state(health=made).findings
    assert "aa:bb:cc:dd:ee:ff" in found.text
    assert found.command == ("arping", "-c", "3", "-I", "eth0", "10.0.0.9")


def test_node_that_cannot_be_reached_is_not_checked() -> None:
    lost = NodeFacts(node="n2", why="n2 does not answer within 1.3 s")
    (found,) = findings(lost)
    assert (found.code, found.severity) == ("node-not-checked", "notice")
    checks = health(lost).to_json()["checks"][1]
    assert (checks["checked"], checks["why"]) == ([], lost.why)
    assert "daemons" in checks["not_checked"]


def test_section_that_is_missing_is_not_checked() -> None:
    assert facts("n2", disk=None).to_json()["not_checked"] == ["cib-on-disk"]


def test_cib_file_has_no_checks() -> None:
    assert codes(live=False) == []


FAILED = Failure(resource="web", task="start", node="n2", status="error")


def test_failed_unit_has_the_last_lines_of_its_journal() -> None:
    made = replace(facts("n2"), journals={"web": ("cannot bind \x1b[1mport 80", "password=hunter2")})
    (found,) = findings(made, services=(service("web", agent="systemd:web"),), failures=(FAILED,))
    assert found.lines == ("cannot bind port 80", "password=*****")


def test_lines_of_systemd_are_shown_only_if_the_service_printed_none() -> None:
    lines = ("x n2 systemd[1]: web.service: Failed with result 'exit-code'.", "x n2 web[7]: port in use")
    for given, shown in ((lines, lines[1:]), (lines[:1], lines[:1])):
        made = replace(facts("n2"), journals={"web": given})
        (found,) = findings(made, services=(service("web", agent="systemd:web"),), failures=(FAILED,))
        assert found.lines == shown


def test_failed_unit_without_its_journal_names_the_command() -> None:
    (found,) = findings(services=(service("web", agent="systemd:web"),), failures=(FAILED,))
    assert "journalctl -u web -n 20" in found.reason


def test_agent_without_an_exit_reason_has_the_lines_that_it_printed() -> None:
    texts = ("web_start_0[7] error output [ old run ]", "web_start_0[9] error output [ disk is gone ]")
    lines = tuple(LogLine(0.0, "pacemaker-execd", 1, "notice", text) for text in texts)
    (found,) = findings(replace(facts("n2"), log=lines), services=(service("web"),), failures=(FAILED,))
    assert found.lines == ("disk is gone",)


def test_exit_reason_of_an_agent_needs_no_lines() -> None:
    failure = replace(FAILED, reason="nic is missing")
    lines = (LogLine(0.0, "pacemaker-execd", 1, "notice", "web_start_0[9] error output [ line ]"),)
    (found,) = findings(replace(facts("n2"), log=lines), services=(service("web"),), failures=(failure,))
    assert found.lines == ()


def test_exit_reason_of_a_unit_is_that_of_pacemaker() -> None:
    failure = replace(FAILED, reason="inactive")
    made = replace(facts("n2"), journals={"web": ("port in use",)})
    (found,) = findings(made, services=(service("web", agent="systemd:web"),), failures=(failure,))
    assert found.lines == ("port in use",)


def test_states_of_nodes_are_those_of_the_cluster() -> None:
    assert [node.name for node in NODES] == list(NAMES.values())
