"""Everything that a report shows, asked of a cluster."""

from __future__ import annotations

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.xml import cib_from_element
from pacemaker_os.cluster import Cluster, Target
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.cluster.store.history import read_history
from pacemaker_os.document import Document
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.render.graph.dot import to_dot
from pacemaker_os.render.graph.model import draw
from pacemaker_os.render.graph.svg import to_svg
from pacemaker_os.render.report.campaign import Campaign
from pacemaker_os.render.report.page import Report
from pacemaker_os.status.timeline import episodes

#: What the configuration is called where no document is given: no document has such a name.
_AS_IT_IS = "(as it is)"


def gather(
    cluster: Cluster,
    target: Target,
    document: Document | None,
    *,
    campaigns: tuple[Campaign, ...] = (),
    lost: int = 1,
) -> Report:
    """Ask a cluster for all that a report shows. Raises ClusterError when it cannot be looked at.

    What else cannot be had (no graphviz, a document that does not fit) is told on the page.
    """
    state, snapshot = read_state(cluster), cluster.query()
    graph = draw(snapshot.cib, state)
    missing, drawing, plan, proof = {}, "", None, None
    try:
        drawing = to_svg(to_dot(graph))
    except PacemakerOsError as error:
        missing["graph"] = str(error)
    options = PlanOptions(new_nodes=target.cib_file is not None)
    desired, name = cib_from_element(content.configuration(snapshot.cib)), _AS_IT_IS
    if document is not None:
        desired, name = document.cib, document.name
        plan = prepare(cluster, desired, name=name, options=options).plan
    try:
        proof = check_survival(cluster, desired, name=name, options=options, failed_nodes=lost)
    except PacemakerOsError as error:
        missing["proof"] = f"There is no proof: {error}"
    return Report(
        target=target,
        state=state,
        graph=graph,
        drawing=drawing,
        plan=plan,
        proof=proof,
        history=read_history(cluster.store, skip_invalid=True),
        episodes=tuple(episodes(snapshot.cib, state)),
        campaigns=campaigns,
        missing=tuple(missing.items()),
    )
