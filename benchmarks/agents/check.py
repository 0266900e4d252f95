"""Compare the values read back with the acknowledged writes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping


def losses(
    acknowledged: Collection[str], attempted: Collection[str], read: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """Yield each problem as a sentence.

    `acknowledged` are the writes that the service acknowledged, `attempted` all writes (one without an
    acknowledgement may or may not exist), and `read` the values that each node has.
    """
    held = {node: Counter(values) for node, values in read.items()}
    for node, values in held.items():
        missing = [value for value in acknowledged if value not in values]
        if missing:
            yield f"{node}: {len(missing)} acknowledged writes are missing, the first is {missing[0]}"
        twice = [value for value, count in values.items() if count > 1]
        if twice:
            yield f"{node}: {len(twice)} writes exist more than once, the first is {twice[0]}"
        strange = [value for value in values if value not in attempted]
        if strange:
            yield f"{node}: {len(strange)} were never written, the first is {strange[0]}"
    nodes = list(held)
    for node in nodes[1:]:
        different = set(held[node]) ^ set(held[nodes[0]])
        if different:
            yield f"{nodes[0]} and {node} differ in {len(different)} writes"
