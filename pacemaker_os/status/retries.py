"""When failures expire, so that services are tried again on their nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lxml import etree

from pacemaker_os.plan.prediction.obstacles.failures import next_try
from pacemaker_os.plan.prediction.obstacles.subject import Subject, Surroundings
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.values import Service


def read_retries(
    cib: etree._Element, services: Iterable[Service], failures: Iterable[Failure]
) -> Mapping[str, str]:
    """Return when the first failure of a service expires, for those with a failure-timeout."""
    failed = {each.resource.split(":")[0] for each in failures if not each.degraded}
    if not failed:
        return {}
    around, now = Surroundings(cib), datetime.now().astimezone()
    found = {}
    for service in services:
        for name in sorted(failed & {service.id, *service.parts}):
            when = next_try(Subject(resource=name, role="", around=around, now=now))
            if when is not None:
                found[service.id] = when.isoformat(timespec="seconds")
    return found
