"""A transition: the operations that the scheduler wants, and the order in which they can run.

The controller starts an operation once all of its inputs are done. Operations that wait for each other in a
loop never run. `crm_simulate --simulate` reports such a transition as "terminated", but the time that it
takes grows with the square of the number of operations. The result is read from the graph instead.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lxml import etree

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a transition: of a resource, of the cluster (fencing), or a pseudo operation.

    `instance` is the resource as the scheduler names it, `element` the XML in the graph.
    """

    id: str
    name: str
    instance: str
    node: str
    element: etree._Element

    @property
    def is_pseudo(self) -> bool:
        """Whether the operation only orders others."""
        return self.element.tag == "pseudo_event"


class Transition:
    """The operations of a transition graph: those that run, and those that never do."""

    def __init__(self, graph: etree._Element) -> None:
        """Read the output of `crm_simulate --save-graph`."""
        operations: dict[str, Operation] = {}
        inputs: dict[str, list[str]] = {}
        waiting: dict[str, list[str]] = defaultdict(list)
        for synapse in graph.iterfind("synapse"):
            required = [str(each.get("id")) for each in synapse.iterfind("inputs/trigger/*")]
            for element in synapse.iterfind("action_set/*"):
                operation = _operation(element)
                operations[operation.id] = operation
                inputs[operation.id] = required
                for each in required:
                    waiting[each].append(operation.id)
        self._operations = operations
        self._inputs = inputs
        missing = {identifier: len(set(required)) for identifier, required in inputs.items()}
        ready = deque(identifier for identifier, count in missing.items() if not count)
        #: The operations that run, in a possible order.
        self.completed: list[Operation] = []
        while ready:
            identifier = ready.popleft()
            self.completed.append(operations[identifier])
            for each in dict.fromkeys(waiting[identifier]):
                missing[each] -= 1
                if not missing[each]:
                    ready.append(each)
        self._stuck = {
            (each.instance, each.name, each.node): each.id
            for each in operations.values()
            if missing[each.id] and not each.is_pseudo
        }
        self._running = {
            (each.instance, each.name, each.node) for each in self.completed if not each.is_pseudo
        }
        self._never = {identifier for identifier, count in missing.items() if count}

    @property
    def feature_set(self) -> str | None:
        """The feature set of the scheduler, or None if there are no operations."""
        found = (each.element.find("attributes") for each in self._operations.values())
        return next((each.get("crm_feature_set") for each in found if each is not None), None)

    def runs(self, instance: str, name: str, node: str) -> bool:
        """Return whether an operation of a resource is part of the transition, and runs."""
        return (instance, name, node) in self._running

    def obstacle(self, instance: str, operations: Iterable[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
        """Return the last of a resource's operations that runs before one never does, and the loop.

        `operations` are names with nodes, in their order; those that are not part of the transition are
        skipped. The loop is a sequence of resources, of which each waits for the next one; it is empty if all
        operations run.
        """
        last = ""
        for name, node in operations:
            if (stuck := self._stuck.get((instance, name, node))) is not None:
                return last, self._loop(stuck)
            if self.runs(instance, name, node):
                last = name
        return "", ()

    def _loop(self, start: str) -> tuple[str, ...]:
        """Return the resources of the loop that this operation is part of or waits for."""
        path: dict[str, None] = {}
        current = start
        while current not in path:
            path[current] = None
            stuck = [each for each in self._inputs[current] if each in self._never]
            if not stuck:
                # The graph has no operation with the id of an input.
                return (self._resource(current),)
            current = min(stuck, key=lambda each: self._operations[each].is_pseudo)
        steps = list(path)
        names = _without_repeats([self._resource(each) for each in steps[steps.index(current) :]])
        # The same loop has the same text, wherever it is entered.
        first = names.index(min(names))
        return _without_repeats((*names[first:], *names[: first + 1]))

    def _resource(self, identifier: str) -> str:
        return self._operations[identifier].instance.split(":")[0]


def _operation(element: etree._Element) -> Operation:
    name = element.get("operation", "")
    key = element.get("internal_operation_key", element.get("operation_key", ""))
    # A key is RESOURCE_OPERATION_INTERVAL; each part may contain underscores.
    before_interval = key.rpartition("_")[0]
    instance = before_interval.removesuffix(f"_{name}")
    return Operation(element.get("id", ""), name, instance, element.get("on_node", ""), element)


def _without_repeats(names: Sequence[str]) -> tuple[str, ...]:
    first = tuple(names[:1])
    return first + tuple(after for before, after in pairwise(names) if before != after)
