"""Failed probes and the fencing history."""

from __future__ import annotations

from lxml import etree
from states import result, service

from pacemaker_os.status.failure_history import read_fencing, read_probes


def test_failed_probes_of_stopped_services_are_read() -> None:
    operation = (
        '<lrm_rsc_op id="{0}_last_0" operation="monitor" interval="0" rc-code="5" exit-reason="no such unit"'
        ' last-rc-change="1000"/>'
    )
    resources = "".join(f'<lrm_resource id="{r}">{operation.format(r)}</lrm_resource>' for r in "ab")
    cib = etree.fromstring(
        f'<cib><status><node_state uname="n1"><lrm><lrm_resources>{resources}</lrm_resources></lrm>'
        "</node_state></status></cib>"
    )
    (found,) = read_probes(cib, [service("a"), service("b", "n2")])
    assert (found.resource, found.task, found.status, found.reason) == (
        "a",
        "probe",
        "not installed",
        "no such unit",
    )
    assert found.when == "1970-01-01T00:16:40+00:00"


def test_fencing() -> None:
    event = (
        '<fence_history><fence_event status="failed" action="reboot" target="n3" client="x"'
        ' completed="2026-01-02 03:04:05Z" exit-reason="no answer"/></fence_history>'
    )
    (found,) = read_fencing(result(event))
    assert (found.target, found.status, found.reason) == ("n3", "failed", "no answer")
