"""When failures expire."""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from states import service

from pacemaker_os.status.failures import Failure
from pacemaker_os.status.retries import read_retries

FAILURE = Failure("vip", "monitor", "n1", "error")


def cib(timeout: str) -> etree._Element:
    return etree.fromstring(
        f"""<cib><configuration><nodes><node id="1" uname="n1"/></nodes>
        <resources><primitive id="vip"/></resources>
        <rsc_defaults><meta_attributes id="d"><nvpair id="t" name="failure-timeout" value="{timeout}"/>
        </meta_attributes></rsc_defaults></configuration>
        <status><node_state id="1" uname="n1"><transient_attributes id="1"><instance_attributes id="i">
        <nvpair id="l" name="last-failure-vip#monitor_10000" value="1700000000"/>
        <nvpair id="o" name="last-failure-vip2#monitor_10000" value="1600000000"/>
        </instance_attributes></transient_attributes></node_state></status></cib>"""
    )


def test_failure_expires_after_its_timeout() -> None:
    found = read_retries(cib("10min"), (service("vip"),), (FAILURE,))
    assert datetime.fromisoformat(found["vip"]).timestamp() == 1700000600


def test_failure_without_a_timeout_does_not_expire() -> None:
    assert read_retries(cib("0"), (service("vip"),), (FAILURE,)) == {}


def test_service_without_a_failure_has_no_next_try() -> None:
    assert read_retries(cib("10min"), (service("vip"),), ()) == {}
