"""One cluster: query, simulate, push, wait, history; adapters over Pacemaker's own tools and over pcs."""

from pacemaker_os.cluster.cluster import Cluster, connect
from pacemaker_os.cluster.target import Target

__all__ = ["Cluster", "Target", "connect"]
