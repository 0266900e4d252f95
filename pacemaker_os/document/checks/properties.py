"""Check cluster properties."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, names
from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.maintained import PROPERTY, kind_of, maintained, writing_agents
from pacemaker_os.cib.nvsets import NvSet
from pacemaker_os.cib.values import boolean
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.index import Index
from pacemaker_os.document.checks.walk import origin_of


def check_maintained(cib: Cib) -> Iterator[LintFinding]:
    """Yield values that the cluster maintains itself. pcs-os does not write those of a document."""
    agents = writing_agents(cib.resources)
    sets: list[tuple[str, NvSet]] = [(PROPERTY, nvset) for nvset in cib.property_sets]
    sets += [(kind_of(nvset), nvset) for node in cib.nodes for nvset in node.instance_attributes]
    sets += [(kind_of(nvset), nvset) for node in cib.nodes for nvset in node.utilization]
    for kind, nvset in sets:
        for pair in nvset.nvpairs:
            writer = maintained(kind, pair.name or "", nvset.id or "", agents)
            # `cluster: NAME` is this property, for people who read the document.
            if writer and pair.name != "cluster-name":
                message = f"{kind} '{pair.name}' is not written: {writer} maintains it; remove it"
                yield LintFinding(pair.origin or origin_of(nvset), message, "ignored", is_warning=True)


def check_properties(cib: Cib) -> Iterator[LintFinding]:
    """Yield valid properties with dangerous values, and properties that Pacemaker replaces."""
    fencing_disabled = Index.of(cib).fencing_disabled
    for nvset in cib.property_sets:
        for pair in nvset.nvpairs:
            origin = pair.origin or origin_of(nvset)
            name, value = names.PROPERTIES.current(pair.name or ""), pair.value or ""
            if name == "no-quorum-policy" and value == "ignore":
                message = (
                    f"with `{pair.name}: {value}`, every partition of a split cluster runs all resources, "
                    "which can corrupt data; use `stop`"
                )
                yield LintFinding(origin, message, "no-quorum", is_warning=True)
            elif name == "no-quorum-policy" and value in ("suicide", "fence") and fencing_disabled:
                message = f"Pacemaker uses 'stop' for `{pair.name}: {value}`, because fencing is disabled"
                yield LintFinding(origin, message, "ignored")
            elif name == "fencing-enabled" and boolean(value) is False:
                message = (
                    f"with `{pair.name}: {value}`, a hung node can keep using disks and IP addresses "
                    "that another node has taken over"
                )
                yield LintFinding(origin, message, "no-fencing", is_warning=True)
            elif name == "cluster-recheck-interval" and 0 < (milliseconds(value) or 0) < 60_000:
                message = (
                    f"with `{pair.name}: {value}`, the scheduler runs every {value}; "
                    "failure-timeout does not require this"
                )
                yield LintFinding(origin, message, "recheck-interval", is_warning=True)
