"""The entrance for plans and checks: what keeps a resource stopped in a simulated CIB."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from lxml import etree

from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cib.values import role
from pacemaker_os.plan.prediction.obstacles import constraints, failures, nodes, settings
from pacemaker_os.plan.prediction.obstacles.obstacle import Obstacle, sentence
from pacemaker_os.plan.prediction.obstacles.search import Runs, confirm
from pacemaker_os.plan.prediction.obstacles.subject import Subject, Surroundings

Finder = Callable[[Subject], Iterator[Obstacle]]

#: Returns the trial of a resource in a role.
Trial = Callable[[str, str], Runs]

#: Every kind of obstacle, the most likely cause first. All that concern nodes are named together.
FINDERS: tuple[Finder, ...] = (
    settings.cluster_settings,
    settings.resource_settings,
    constraints.tickets,
    constraints.loops,
    constraints.dependencies,
    failures.failures,
    failures.probes,
    constraints.locations,
    nodes.held,
    nodes.symmetric,
    nodes.health,
    nodes.utilization,
    constraints.apart,
    constraints.together,
    failures.promotion_scores,
    nodes.offline,
)

#: Those that keep every resource stopped by their definition, in the order in which a plan names them.
_CERTAIN: tuple[Finder, ...] = (
    settings.cluster_settings,
    constraints.tickets,
    constraints.dependencies,
)

#: Those that a simulation without them confirms, or not.
_LIKELY: tuple[Finder, ...] = (
    constraints.locations,
    nodes.held,
    nodes.symmetric,
    failures.failures,
    failures.probes,
    nodes.health,
    nodes.utilization,
    constraints.apart,
    constraints.together,
)

#: Those that a plan names without a simulation.
_UNCONFIRMED: tuple[Finder, ...] = (
    constraints.locations,
    nodes.held,
    nodes.symmetric,
    constraints.apart,
)

#: The reason of a resource for which no obstacle is known.
UNEXPLAINED = "the scheduler finds no node for it"

#: Roles in which an instance is never promoted.
_NEVER_PROMOTED = ("Stopped", "Unpromoted")


def find_obstacles(subject: Subject, finders: Sequence[Finder] = FINDERS) -> list[Obstacle]:
    """Return everything that may keep a resource from running, each once."""
    found = (each for finder in finders for each in finder(subject))
    return list({each.key: each for each in found}.values())


class Obstacles:
    """Finds the obstacles in one `<cib>`, with its status."""

    def __init__(self, cib: etree._Element, trial: Trial | None = None) -> None:
        """Read a CIB. `trial` simulates it without obstacles, by resource and role, to confirm these."""
        self._around = Surroundings(cib)
        self._trial = trial

    def explain(self, resource: str, role: str, stopped: Collection[str], nodes: Sequence[str]) -> str:
        """Return what keeps a resource from running in `role` (Promoted, or empty for any).

        `stopped` are all resources that cannot run, `nodes` the nodes that are online.
        """
        subject = Subject(resource=resource, role=role, around=self._around, stopped=stopped, nodes=nodes)
        for each in find_obstacles(subject, _CERTAIN):
            # Missing fencing has messages of its own in plans and checks.
            if each.key != "fencing":
                return each.text
        if self._trial is not None:
            confirmed = confirm(find_obstacles(subject, _LIKELY), self._trial(resource, role))
            return sentence(confirmed.obstacles) or UNEXPLAINED
        likely = find_obstacles(subject, _UNCONFIRMED)
        return sentence([each for each in likely if each.place] or likely[:1]) or UNEXPLAINED

    def allows_promotion(self, resource: str) -> bool:
        """Return whether the configuration lets an instance of this resource be promoted."""
        for name in self._around.names_of(resource):
            element = self._around.resources.get(name)
            if element is None:
                continue
            meta = {
                str(pair.get("name")): str(pair.get("value", ""))
                for pair in reversed(element.findall("meta_attributes/nvpair"))
            }
            if "0" in (meta.get("promoted-max"), meta.get("master-max"), meta.get("clone-max")):
                return False
            if role(meta.get("target-role", "Started")) in _NEVER_PROMOTED:
                return False
        return True

    def ignored(self, resources: Collection[str], containers: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield each resource, with its service, that the scheduler ignores because it is not valid."""
        for primitive in self._around.configuration.iterfind("resources//primitive"):
            name = str(primitive.get("id"))
            outer = [str(each.get("id")) for each in primitive.iterancestors(*RESOURCE_TAGS)]
            parent = primitive.getparent()
            alone = parent is None or parent.tag in ("resources", "group")
            # A clone or bundle without instances is known, but contains nothing.
            known = name in resources or any(each in containers for each in outer)
            if alone and outer and outer[0] in containers:
                known = name in resources
            if not known:
                yield name, outer[-1] if outer else name
