"""Errors and warnings in the log of the scheduler."""

from __future__ import annotations

import pytest

from pacemaker_os.plan.prediction.messages import Message, read_messages

#: Messages that every new cluster, or every failure, causes.
EXCLUDED = [
    "(unpack_resources) \terror: Resource start-up disabled since no STONITH resources have been defined",
    "(unpack_resources) \terror: Either configure some or disable STONITH with the stonith-enabled option",
    "(unpack_resources) \terror: NOTE: Clusters with shared data need STONITH to ensure data integrity",
    "(pcmk__x)\terror: Resource start-up disabled since no fencing resources have been defined. Either ...",
    "(schedule_fencing) \twarning: Scheduling node n1 for fencing",
    "(pe_fence_node) \twarning: Cluster node n1 will be fenced: peer is no longer part of the cluster",
    "(determine_online_status) \twarning: n1 is unclean",
    "(cluster_status) \twarning: Fencing and resource management disabled due to lack of quorum",
    "(unpack_rsc_op_failure) \twarning: Unexpected result (error) was recorded for monitor of a on n1 | rc=1",
    "(update_resource_action_runnable) \twarning: a_start_0 on n1 is unrunnable (node is offline)",
    "(check_recoverable) \terror: No further recovery can be attempted for a because stop on n1 failed",
    "crm_verify: Errors found during check: config not valid",
    "(native_unpack) \tnotice: something else",
    "",
]


@pytest.mark.parametrize(
    "line",
    [
        "(get_ordering_type) \terror: Resetting 'kind' for constraint o1",
        "(get_ordering_type@pcmk_sched_ordering.c:99) \terror: Resetting 'kind' for constraint o1",
        "(get_ordering_type)  error: Resetting 'kind' for constraint o1",
        "error: Resetting 'kind' for constraint o1",
    ],
)
def test_line_of_each_pacemaker_version_is_a_message(line: str) -> None:
    assert read_messages(line) == (Message("error", "Resetting 'kind' for constraint o1"),)


@pytest.mark.parametrize("line", EXCLUDED)
def test_line_about_the_state_of_the_cluster_is_no_message(line: str) -> None:
    assert read_messages(line) == ()


def test_message_about_several_instances_is_reported_once() -> None:
    log = "(f) warning: Ignoring x for a:0\n(f) error: Ignoring y for b:1\n(f) warning: Ignoring x for a:1\n"
    assert read_messages(log) == (
        Message("error", "Ignoring y for b:1"),
        Message("warning", "Ignoring x for a:0"),
    )
