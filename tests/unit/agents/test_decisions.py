"""The decisions of the agents, with the cases of tests/cases/agents/*.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pacemaker_os.agents.galera import decide as galera
from pacemaker_os.agents.galera.position import UNDEFINED_UUID
from pacemaker_os.agents.rabbitmq import decide as rabbitmq
from pacemaker_os.agents.redis import decide as redis

CASES = Path(__file__).parents[2] / "cases" / "agents"
UUIDS = {
    "A": "aaaaaaaa-0000-11ee-8000-000000000000",
    "B": "bbbbbbbb-0000-11ee-8000-000000000000",
    "none": UNDEFINED_UUID,
}


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    assert found
    return [pytest.param(case, id=case["case"]) for case in found]


def yes(word: object) -> bool:
    return {"yes": True, "no": False, True: True, False: False}[word]


def galera_report_of(text: str) -> galera.Report:
    uuid, seqno, safe, databases, *copy = text.split()
    return galera.Report(UUIDS[uuid], int(seqno), yes(safe), int(databases), *copy)


@pytest.mark.parametrize("case", cases("galera_election"))
def test_galera_election(case: Any) -> None:
    reports = {}
    for node, text in case["reports"].items():
        report = galera_report_of(text)
        assert galera.decode(galera.encode(report)) == report
        reports[node] = report
    members = case.get("members", ["n1", "n2", "n3"])
    found = galera.elect(members, reports, chosen=case.get("chosen", ""), waited=case.get("waited", False))
    word, _, rest = case["expect"].partition(" ")
    assert type(found).__name__.lower() == word
    assert (found.node == rest) if word == "bootstrap" else (rest in found.reason)


@pytest.mark.parametrize("case", cases("galera_election"))
def test_galera_election_is_the_same_in_any_order_of_reports(case: Any) -> None:
    reports = {node: galera_report_of(text) for node, text in case["reports"].items()}
    backwards = dict(reversed(reports.items()))
    options = {"chosen": case.get("chosen", ""), "waited": case.get("waited", False)}
    members = case.get("members", ["n1", "n2", "n3"])
    assert galera.elect(members, reports, **options) == galera.elect(members, backwards, **options)


def galera_report(uuid: str, databases: int) -> galera.Report:
    return galera.Report(UUIDS[uuid], 5, False, databases)


@pytest.mark.parametrize(
    ("own", "cluster", "objects"),
    [
        (galera_report("A", 3), "A", False),
        (galera_report("none", 0), "A", False),
        (galera_report("none", 3), "A", True),
        (galera_report("B", 3), "A", True),
        (galera_report("B", 0), "A", False),
    ],
)
def test_galera_join_refusal_protects_data(own: galera.Report, cluster: str, objects: bool) -> None:
    assert bool(galera.join_refusal(own, UUIDS[cluster])) is objects
    assert not galera.join_refusal(own, UUIDS[cluster], overwrite=True)


def redis_reports(case: Any) -> dict[str, redis.Report]:
    reports = {}
    for node, text in case["reports"].items():
        generation, continuous, offset, promoted, was_promoted, keys, last = text.split()
        report = redis.Report(
            int(generation),
            yes(continuous),
            int(offset),
            yes(promoted),
            yes(was_promoted),
            int(keys),
            "r",
            last.strip('"'),
        )
        assert redis.decode(redis.encode(report)) == report
        reports[node] = report
    return reports


@pytest.mark.parametrize("case", cases("redis_election"))
def test_redis_election(case: Any) -> None:
    reports = redis_reports(case)
    peers = case.get("peers", [])
    assert redis.ranking(reports, peers) == case["ranking"]
    scores = {node: redis.score(node, reports, peers, waited=True) for node in reports}
    assert sorted(scores, key=lambda node: -(scores[node] or 0)) == case["ranking"]
    missing = case.get("missing", "")
    assert redis.missing(reports, peers) == missing
    if missing:
        assert {redis.score(node, reports, peers, waited=False) for node in reports} == {None}


def test_redis_promoted_node_keeps_the_role() -> None:
    promoted = redis.Report(4, True, 10, True, True, 5, "r", "n1")
    ahead = redis.Report(4, True, 99, False, False, 5, "r", "n1")
    reports = {"n1": promoted, "n2": ahead}
    assert redis.score("n1", reports, waited=False) == redis.PROMOTED
    assert redis.score("n2", reports, waited=False) == redis.BEST
    assert redis.promoted_node(reports) == "n1"


def test_redis_node_with_newer_data_does_not_follow() -> None:
    older = redis.Report(4, True, 10, True, True, 5, "r", "n1")
    newer = redis.Report(5, False, 0, False, True, 5, "r", "n2")
    assert not redis.may_follow(newer, older)
    assert redis.may_follow(older, newer)


@pytest.mark.parametrize("text", ["", "1", "a:1:1:1:1:1:n", "1:1:-1:1:1:1:n"])
def test_redis_decode_invalid_report_is_none(text: str) -> None:
    assert redis.decode_all({"n1": text}) == {}


@pytest.mark.parametrize("text", ["", "u:1:0", "u:x:0:1", "u:1:0:1:1"])
def test_galera_decode_invalid_report_is_none(text: str) -> None:
    assert galera.decode_all({"n1": text}) == {}


@pytest.mark.parametrize("case", cases("rabbitmq_steps"))
def test_rabbitmq_steps(case: Any) -> None:
    reports = {}
    for node, text in case["reports"].items():
        phase, data, *last = text.split()
        report = rabbitmq.Report(phase, yes(data), f"rabbit@{node}", tuple(last))
        assert rabbitmq.decode(rabbitmq.encode(report)) == report
        reports[node] = report
    node = case.get("node", "n1")
    found = rabbitmq.next_step(node, ["n1", "n2", "n3"], case["online"], reports)
    word, _, rest = case["expect"].partition(" ")
    assert type(found).__name__.lower() == word
    if word == "join":
        assert found.peer == rest
    assert rest in found.reason or word == "join"
    if "awaited" in case:
        assert rabbitmq.awaited(reports[node], reports) == case["awaited"]


@pytest.mark.parametrize("case", cases("rabbitmq_partitions"))
def test_rabbitmq_partitions(case: Any) -> None:
    names = {node: f"rabbit@{node}" for node in case["sees"]}
    reports = {node: rabbitmq.Report("running", True, name, ()) for node, name in names.items()}
    misses = {
        node: rabbitmq.missed([names[other] for other in seen if other in names], reports, reports)
        for node, seen in case["sees"].items()
    }
    found = rabbitmq.partitioned(misses, names)
    assert found == case["restart"]
    assert set(found) != set(names)


def test_rabbitmq_broker_that_started_meanwhile_is_not_missed() -> None:
    up = {node: rabbitmq.Report("running", True, f"rabbit@{node}", ()) for node in ("n1", "n2", "n3")}
    before = {"n1": up["n1"], "n3": up["n3"]}
    assert rabbitmq.missed(["rabbit@n1"], before, up) == ["rabbit@n3"]
