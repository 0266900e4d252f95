"""From the command line to the exit status: all actions, with the checks before and after them."""

from __future__ import annotations

import sys

from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.operation import Notification, Operation
from pacemaker_os.ocf.parameter import InvalidParameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacemaker_os.ocf.agent import Agent


def main(kind: type[Agent]) -> None:
    """Run the action on the command line, and exit with its status."""
    import os

    # Pacemaker runs agents in a directory of its own, where programs of other users cannot even start.
    os.chdir("/")
    # Pacemaker itself runs with a negative niceness; neither the agent nor its children may inherit it.
    if os.getpriority(os.PRIO_PROCESS, 0) < 0:
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    status = run(kind, sys.argv[1:], os.environ)
    sys.stdout.flush()
    # Nothing is left to do at exit, and the interpreter's cleanup takes milliseconds.
    os._exit(status)


def run(kind: type[Agent], arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the action in the first argument. Further arguments are ignored, as OCF requires."""
    action = arguments[0] if arguments else "usage"
    if action == "meta-data":
        from pacemaker_os.ocf.metadata import requested_version, xml

        sys.stdout.write(xml(kind, requested_version(environ)))
        return codes.SUCCESS
    if action in ("usage", "help", "-h", "--help"):
        names = dict.fromkeys([*(a.name for a in kind.actions), "meta-data", "validate-all"])
        print(f"usage: {kind.name} {{{'|'.join(names)}}}")
        return codes.SUCCESS if arguments else codes.UNIMPLEMENTED
    try:
        agent = kind(Operation(action, environ))
    except Failure as failure:
        print(f"ocf-exit-reason:{failure.reason}", file=sys.stderr)
        return failure.code
    return perform(agent)


def perform(agent: Agent) -> int:
    """Run the agent's action. Every error becomes an exit code and an exit reason, never a traceback."""
    action = agent.operation.action
    handler = ACTIONS.get(action)
    offered = {a.name for a in agent.actions} | {"validate-all", "status"}
    offered |= {"reload-agent"} if agent.reloadable() else set()
    if handler is None or action not in offered:
        return codes.UNIMPLEMENTED
    try:
        return handler(agent)
    except Failure as failure:
        agent.set_exit_reason(failure.reason)
        agent.logger.error(f"{action}: {failure.reason}")
        return failure.code
    except OSError as error:  # a full disk, a read-only file system, missing permissions
        reason = (
            f"{action}: cannot access {error.filename}: {error.strerror}" if error.filename else str(error)
        )
        agent.set_exit_reason(reason)
        agent.logger.error(reason)
        return codes.GENERIC
    except Exception as error:  # a bug in an agent must still produce a result that Pacemaker understands
        agent.set_exit_reason(f"{action}: unexpected {type(error).__name__}: {error}")
        log_traceback(agent)
        return codes.GENERIC


def log_traceback(agent: Agent) -> None:
    """Write the traceback to the log, line by line."""
    import traceback

    for line in traceback.format_exc().splitlines():
        agent.logger.error(line)


def validate_all(agent: Agent) -> int:
    """Check each parameter, then conditions that involve several of them."""
    for parameter in agent.parameters():
        parameter.value(agent)
    agent.validate()
    return codes.SUCCESS


def query_state(agent: Agent, query: Callable[[], int]) -> int:
    """Return the state. If a parameter that it needs is invalid, check for leftovers of an earlier start."""
    try:
        return query()
    except InvalidParameter as invalid:
        if agent.has_leftovers():
            raise Failure(f"running, but its state cannot be determined: {invalid.reason}") from None
        agent.logger.warning(f"{agent.operation.action}: {invalid.reason}")
        return codes.NOT_RUNNING


def monitor(agent: Agent) -> int:
    """Return the current state, and print the exit reason of a degraded one."""
    state = query_state(agent, agent.monitor)
    if state in (codes.DEGRADED, codes.DEGRADED_PROMOTED):
        agent.set_exit_reason(agent.degraded_reason)
    return state


def start(agent: Agent) -> int:
    """Start the service, and check that it runs in the role Started or Unpromoted."""
    validate_all(agent)
    if state_before(agent) not in codes.UP:
        agent.if_persistent(codes.NOT_RUNNING, 0)
        agent.start()
        require_state(agent, codes.UP, "start")
    return codes.SUCCESS


def stop(agent: Agent) -> int:
    """Stop the service, and check that it is stopped. Only parameters that `stop` uses are checked.

    If one of these is invalid, nothing was started with it; leftovers of an earlier start make the stop fail.
    """
    try:
        agent.stop()
    except InvalidParameter:
        if agent.has_leftovers():
            raise
    require_state(agent, {codes.NOT_RUNNING}, "stop")
    return codes.SUCCESS


def promote(agent: Agent) -> int:
    """Promote the service, and check its state."""
    validate_all(agent)
    if state_before(agent) not in codes.UP_PROMOTED:
        agent.if_persistent(codes.NOT_RUNNING, 0)
        agent.promote()
        require_state(agent, codes.UP_PROMOTED, "promote")
    return codes.SUCCESS


def demote(agent: Agent) -> int:
    """Demote the service, and check that it runs unpromoted. A stopped service cannot be demoted."""
    state = state_before(agent)
    if state == codes.NOT_RUNNING:
        return codes.NOT_RUNNING
    if state not in codes.UP:
        agent.demote()
        require_state(agent, codes.UP, "demote")
    return codes.SUCCESS


def state_before(agent: Agent) -> int:
    """Return the state before an action. A broken service is not an error here: the action must handle it."""
    try:
        return query_state(agent, agent.state)
    except Failure as failure:
        agent.logger.info(f"before {agent.operation.action}: {failure.reason}")
        return failure.code


def require_state(agent: Agent, expected: frozenset[int] | set[int], action: str) -> None:
    """Raises Failure if the state after an action is not one of `expected`."""
    state = query_state(agent, agent.state)
    if state not in expected:
        raise Failure(f"unexpected state after {action}: {codes.NAMES.get(state, str(state))}")


def notify(agent: Agent) -> int:
    """Run a notification. It cannot fail: Pacemaker ignores its result, and the next action must not wait."""
    try:
        agent.notify(Notification(agent.operation.meta))
    except Failure as failure:
        agent.logger.warning(f"notify: {failure.reason}")
    return codes.SUCCESS


def reload_agent(agent: Agent) -> int:
    """Apply changed reloadable parameters."""
    validate_all(agent)
    agent.reload_agent()
    return codes.SUCCESS


ACTIONS: dict[str, Callable[[Agent], int]] = {
    "start": start,
    "stop": stop,
    "monitor": monitor,
    "status": monitor,
    "promote": promote,
    "demote": demote,
    "notify": notify,
    "reload-agent": reload_agent,
    "validate-all": validate_all,
}
