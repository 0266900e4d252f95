"""Gather the data of a report from a cluster."""

from __future__ import annotations

from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cluster import Cluster, Target
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.cluster.store.history import History, read_history
from pacemaker_os.document import Document
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.render.graph.dot import to_dot
from pacemaker_os.render.graph.model import draw
from pacemaker_os.render.graph.svg import to_svg
from pacemaker_os.render.report.campaign import Campaign
from pacemaker_os.render.report.page import Report
from pacemaker_os.status.timeline import episodes

#: The name of the live configuration if no document is given; not a valid name of a document.
_LIVE = "(live configuration)"


def gather(
    cluster: Cluster,
    target: Target,
    document: Document | None,
    *,
    campaigns: tuple[Campaign, ...] = (),
    failed_nodes: int = 1,
) -> Report:
    """Gather the data of a report. Raises ClusterError when the cluster cannot be read.

    The page itself reports other missing parts, such as a graph without graphviz.
    """
    state, snapshot = read_state(cluster), cluster.query()
    graph = draw(snapshot.cib, state)
    missing, drawing, plan, survival = {}, "", None, None
    try:
        drawing = to_svg(to_dot(graph))
    except PacemakerOsError as error:
        missing["graph"] = str(error)
    options = PlanOptions(new_nodes=target.cib_file is not None)
    desired, name = Cib.from_element(content.configuration(snapshot.cib)), _LIVE
    if document is not None:
        desired, name = document.cib, document.name
        plan = prepare(cluster, desired, name=name, options=options).plan
    try:
        survival = check_survival(cluster, desired, name=name, options=options, failed_nodes=failed_nodes)
    except PacemakerOsError as error:
        missing["survival"] = f"Survival check not available: {error}"
    return Report(
        target=target,
        state=state,
        graph=graph,
        drawing=drawing,
        plan=plan,
        survival=survival,
        history=History.of(read_history(cluster.store, skip_invalid=True), snapshot).written,
        episodes=tuple(episodes(snapshot.cib, state)),
        campaigns=campaigns,
        missing=tuple(missing.items()),
    )
