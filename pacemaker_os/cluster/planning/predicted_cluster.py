"""The predicted cluster of a document: a CIB file with the document applied and all resources running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from pacemaker_os.cib.tree.fencing import configures_fencing
from pacemaker_os.cluster.cluster import Cluster, connect
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.cluster.store.file import FileStore
from pacemaker_os.cluster.target import Target
from pacemaker_os.document import Document
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction import simulated_status


@contextmanager
def predicted_cluster(document: Document) -> Iterator[Cluster]:
    """Create a temporary CIB file with the document applied, all nodes online and all resources started.

    Raises ClusterError where the scheduler is not installed.
    """
    with TemporaryDirectory(prefix="pcs-os-") as directory:
        path = Path(directory) / document.name
        cluster = connect(Target(cib_file=str(path)))
        scheduler = cluster.require_scheduler("predict where the services of a document run")
        target = prepare(
            cluster, document.cib, name=document.name, options=PlanOptions(new_nodes=True)
        ).target
        if not configures_fencing(target):
            # Another document may configure fencing, so simulate as if nodes could be fenced.
            target = simulated_status.without_fencing(target)
        settled = scheduler.settle(simulated_status.all_online(simulated_status.without_status(target)))
        path.write_bytes(etree.tostring(settled))
        yield replace(cluster, store=FileStore(path, cluster.transport, label=document.name))
