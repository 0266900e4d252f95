"""Findings about the daemons, links, clocks and addresses of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.finding import Finding, Severity
from pacemaker_os.status.health.node_facts import Daemon, NodeFacts
from pacemaker_os.status.values import State
from pacemaker_os.text import fold

#: What a daemon that does not answer means for the cluster.
_EFFECTS = {
    "corosync": "the other nodes lose this node",
    "pacemakerd": "daemons that fail on this node are not restarted",
    "pacemaker-based": "the configuration cannot be read or written through this node",
    "pacemaker-fenced": "this node can neither fence nor report that a node was fenced",
    "pacemaker-execd": "services on this node are not monitored, started or stopped",
    "pacemaker-attrd": "attributes of this node, such as promotion scores, do not change",
    "pacemaker-schedulerd": "this node decides nothing as the DC",
    "pacemaker-controld": "this node takes no part in what the cluster does",
    "pcsd": "pcs cannot manage this node",
}

#: The effect of the controller and the scheduler on the DC.
_DC = "it is the DC: the cluster does not react to failures"

#: Difference of clocks that is reported, in seconds.
_CLOCK = 2.0

#: Time after which a daemon that does not run is reported, in seconds: they start one after another.
_STARTED = 30.0

#: Length of the name of a process, as pkill compares it.
_COMM = 15


#: States of a node during which the membership of the cluster changes.
_CHANGING = ("unclean", "pending")


def daemons(state: State) -> Iterator[Finding]:
    """Report daemons that do not answer, or that do not run although Pacemaker does."""
    # While a failed node is fenced or a node joins, daemons are busy: a short silence is normal.
    changing = any(node.state in _CHANGING for node in state.nodes)
    for facts in state.health.nodes:
        for daemon in facts.silent:
            if daemon.stopped or not changing:
                yield _silent(facts, daemon, state)
        running = {daemon.name for daemon in facts.daemons if daemon.runs}
        absent = [d.name for d in facts.daemons if not d.runs and d.name.startswith("pacemaker")]
        if absent and facts.uptime > _STARTED and "pacemakerd" in running and facts.joined:
            yield Finding(
                code="daemon-not-running",
                severity="critical",
                subject=facts.node,
                text=f"{', '.join(absent)} does not run on {facts.node}: {_EFFECTS[absent[0]]}",
                advice="pacemakerd restarts it; if that fails, see why, run:",
                command=("journalctl", "--unit", "pacemaker", "--since", "-5min"),
                node=facts.node,
            )


def _silent(facts: NodeFacts, daemon: Daemon, state: State) -> Finding:
    is_dc = state.dc == facts.node and daemon.name in ("pacemaker-controld", "pacemaker-schedulerd")
    effect = _DC if is_dc else _EFFECTS.get(daemon.name, "")
    severity: Severity = "warning" if daemon.name in ("pcsd", "pacemakerd") else "critical"
    if daemon.stopped:
        how = "is stopped by a signal and does not answer"
        advice, node = "to continue it, run:", facts.node
        command: tuple[str, ...] = ("pkill", "-CONT", "-x", daemon.name[:_COMM])
    elif daemon.name == "pcsd":
        how = "does not answer"
        advice, command, node = "run:", ("systemctl", "restart", "pcsd"), facts.node
    else:
        how = "does not answer"
        advice = "if that lasts for a minute, reboot the node so that other nodes recover its services, run:"
        command, node = ("stonith_admin", "--reboot", facts.node), _other(facts.node, state)
    return Finding(
        code="daemon-not-answering",
        severity=severity,
        subject=facts.node,
        text=f"{daemon.name} on {facts.node} {how}: {effect}",
        advice=advice,
        command=command,
        node=node,
    )


def _other(node: str, state: State) -> str:
    """Return a node that can fence another one."""
    found = (e.node for e in state.health.nodes if e.node != node and not e.silent and not e.why)
    return next(found, "")


def pcsd(state: State) -> Iterator[Finding]:
    """Report an enabled pcsd that is not active."""
    for facts in state.health.nodes:
        for unit, value in facts.inactive:
            if unit == "pcsd":
                yield Finding(
                    code="pcsd-not-active",
                    severity="warning",
                    subject=facts.node,
                    text=f"pcsd is {value} on {facts.node}: {_EFFECTS['pcsd']}",
                    advice="run:",
                    command=("systemctl", "start", "pcsd"),
                    node=facts.node,
                )


def links(state: State) -> Iterator[Finding]:
    """Report links of corosync that are down while another link connects the same nodes."""
    down: dict[tuple[int, str], list[str]] = {}
    for facts in state.health.nodes:
        connected = {link.peer for link in facts.links if link.connected}
        for link in facts.links:
            if not link.connected and link.peer in connected:
                down.setdefault((link.number, facts.node), []).append(link.peer)
    numbers = sorted({number for number, _ in down})
    for number in numbers:
        pairs = {
            frozenset((node, peer)) for (n, node), peers in down.items() if n == number for peer in peers
        }
        # A node whose link is down is part of every pair.
        common = frozenset.intersection(*pairs)
        nodes = fold(common) if len(common) == 1 else fold(frozenset().union(*pairs))
        where = f"of {nodes}" if len(common) == 1 else f"between {nodes}"
        yield Finding(
            code="link-down",
            severity="warning",
            subject=nodes,
            text=f"the corosync link {number} {where} is down: the nodes depend on the remaining links",
            advice="check the network; to see the links, run:",
            command=("corosync-cfgtool", "-s"),
            node=min(common) if len(common) == 1 else "",
        )


def clocks(state: State) -> Iterator[Finding]:
    """Report nodes whose clock differs from that of the others by more than can be explained by delays."""
    known = [each for each in state.health.nodes if not each.why and each.view is not None]
    if len(known) < 2:
        return
    # The module loads decimal numbers and sockets, which no other part of a status needs.
    from statistics import median

    middle = median(each.clock for each in known)
    differing = [each for each in known if abs(each.clock - middle) - 2 * each.uncertainty > _CLOCK]
    if len(known) == 2 or len(differing) > 1:
        low, high = min(known, key=lambda e: e.clock), max(known, key=lambda e: e.clock)
        if high.clock - low.clock - low.uncertainty - high.uncertainty > _CLOCK:
            yield _clock(high, f"the clocks of {low.node} and {high.node} differ by", high.clock - low.clock)
        return
    for each in differing:
        side = "ahead of" if each.clock > middle else "behind"
        seconds = abs(each.clock - middle)
        text = f"the clock of {each.node} is {side} the clocks of the other nodes by"
        yield _clock(each, text, seconds)


def _clock(facts: NodeFacts, text: str, seconds: float) -> Finding:
    return Finding(
        code="clocks-differ",
        severity="warning",
        subject=facts.node,
        text=f"{text} {seconds:.0f} s: times in logs, certificates and tokens are wrong",
        advice="synchronize the clocks; to see the state, run:",
        command=("timedatectl", "status"),
        node=facts.node,
    )


def duplicates(state: State) -> Iterator[Finding]:
    """Report virtual addresses that another machine also uses."""
    health = state.health
    owners = {mac: each.node for each in health.nodes for mac in each.hardware if mac != "00:00:00:00:00:00"}
    reported = set()
    for facts in health.nodes:
        for address, macs in facts.duplicates:
            resource = health.addresses.get(address, "")
            right = {node for each in state.services if each.id == resource for node in each.nodes}
            others = sorted({owners[mac] for mac in macs if mac in owners})
            wrong = next((each for each in [*others, facts.node] if right and each not in right), "")
            if address in reported:
                continue
            reported.add(address)
            held = {each.node: dict(each.held).get(address, "") for each in health.nodes}.get(wrong, "")
            users = [*others, *(f"a machine with {mac}" for mac in macs if mac not in owners)]
            if held:
                prefix, _, interface = held.partition(" ")
                advice = f"the cluster runs {resource} elsewhere; remove the address there, run:"
                command: tuple[str, ...] = ("ip", "address", "delete", prefix, "dev", interface)
            else:
                advice = "find this machine and remove the address there; to see its answers, run:"
                interface = dict(facts.held).get(address, "").partition(" ")[2]
                command = ("arping", "-c", "3", "-I", interface, address)
            yield Finding(
                code="duplicate-address",
                severity="critical",
                subject=resource or address,
                text=f"the address {address} of {resource or facts.node} on {facts.node} is also used by "
                f"{' and '.join(users)}: clients reach either of them",
                advice=advice,
                command=command,
                node=wrong if held else facts.node,
            )
