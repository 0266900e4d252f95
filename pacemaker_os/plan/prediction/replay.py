"""The status after a transition: what `crm_simulate --simulate` writes, without its quadratic time."""

from __future__ import annotations

import re
from copy import deepcopy
from hashlib import md5

from lxml import etree

from pacemaker_os.plan.prediction.transition import Operation, Transition

#: Operations that leave no trace in the status, or none that the scheduler reads.
_WITHOUT_HISTORY = frozenset({"delete", "meta-data", "notify"})

#: Attributes that are not part of a digest (pcmk__filter_op_for_digest).
_NOT_IN_DIGEST = frozenset(
    {"id", "crm_feature_set", "op-digest", "on_node", "on_node_uuid", "pcmk_external_ip"}
)

#: Parameters whose XML text, and thus digest, is the same in all versions of Pacemaker.
_PLAIN = re.compile(r"[ -&(-~]*")

#: The state of a node after it was fenced.
_FENCED = {"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "down"}

#: Any transition, as there was none.
_TRANSITION = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"


def can_replay(transition: Transition) -> bool:
    """Return whether the digests of all parameters are known."""
    found = (each for operation in transition.completed for each in operation.element.iterfind("attributes"))
    # A parameter whose name is a number is an element of its own.
    return all(
        not len(attributes) and all(_PLAIN.fullmatch(value) for value in _parameters(attributes).values())
        for attributes in found
    )


def replay(cib: etree._Element, transition: Transition) -> etree._Element:
    """Return a copy of a `<cib>` with the status after all operations that can run have succeeded."""
    copy = deepcopy(cib)
    status = copy.find("status")
    if status is None:
        status = etree.SubElement(copy, "status")
    states = {str(state.get("uname")): state for state in status.iterfind("node_state")}
    histories: dict[tuple[str, str], etree._Element] = {}
    for operation in transition.completed:
        if operation.element.tag == "crm_event":
            _fence(operation, status, states, histories)
        elif operation.element.tag == "rsc_op" and operation.name not in _WITHOUT_HISTORY:
            _record(operation, status, states, histories)
    return copy


def _fence(
    operation: Operation,
    status: etree._Element,
    states: dict[str, etree._Element],
    histories: dict[tuple[str, str], etree._Element],
) -> None:
    attributes = operation.element.find("attributes")
    action = "" if attributes is None else attributes.get("CRM_meta_stonith_action", "")
    if operation.name != "stonith" or action == "on":
        return
    state = _state(operation, status, states)
    for name, value in _FENCED.items():
        state.set(name, value)
    for each in [*state.iterfind("lrm"), *state.iterfind("transient_attributes")]:
        state.remove(each)
    for key in [key for key in histories if key[0] == operation.node]:
        del histories[key]


def _record(
    operation: Operation,
    status: etree._Element,
    states: dict[str, etree._Element],
    histories: dict[tuple[str, str], etree._Element],
) -> None:
    """Add a successful operation to the history of its resource."""
    element = operation.element
    primitive, attributes = element.find("primitive"), element.find("attributes")
    if primitive is None or attributes is None:
        return
    name = str(primitive.get("id"))
    history = histories.get((operation.node, name))
    if history is None:
        history = _history(primitive, _resources(operation, status, states))
        histories[operation.node, name] = history
    interval = attributes.get("CRM_meta_interval", "0")
    result = attributes.get("CRM_meta_op_target_rc", "0")
    identifier = f"{name}_last_0" if interval == "0" else f"{name}_{operation.name}_{interval}"
    calls = [int(each.get("call-id", 0)) for each in history]
    entry = next((each for each in history if each.get("id") == identifier), None)
    if entry is None:
        entry = etree.SubElement(history, "lrm_rsc_op", id=identifier)
    call = max(calls, default=0) + 1
    key = f"{call}:-1:{result}:{_TRANSITION}"
    values = {
        "operation_key": f"{name}_{operation.name}_{interval}",
        "operation": operation.name,
        "crm-debug-origin": "pcs-os",
        "crm_feature_set": attributes.get("crm_feature_set", ""),
        "transition-key": key,
        "transition-magic": f"0:{result};{key}",
        "call-id": str(call),
        "rc-code": result,
        "op-status": "0",
        "interval": interval,
        "op-digest": _digest(attributes),
    }
    for attribute, value in values.items():
        entry.set(attribute, value)


def _resources(
    operation: Operation, status: etree._Element, states: dict[str, etree._Element]
) -> etree._Element:
    """Return the `<lrm_resources>` of the operation's node."""
    state = _state(operation, status, states)
    found = state.find("lrm/lrm_resources")
    if found is None:
        lrm = state.find("lrm")
        if lrm is None:
            lrm = etree.SubElement(state, "lrm", id=str(state.get("id")))
        found = etree.SubElement(lrm, "lrm_resources")
    return found


def _state(operation: Operation, status: etree._Element, states: dict[str, etree._Element]) -> etree._Element:
    """Return the state of the operation's node."""
    state = states.get(operation.node)
    if state is None:
        # The id of a remote node is its name.
        remote = operation.element.get("router_node") is not None
        node_id = operation.node if remote else operation.element.get("on_node_uuid", operation.node)
        state = etree.SubElement(status, "node_state", id=node_id, uname=operation.node)
        states[operation.node] = state
    return state


def _history(primitive: etree._Element, resources: etree._Element) -> etree._Element:
    name = str(primitive.get("id"))
    for each in resources:
        if each.get("id") == name:
            return each
    agent = {key: str(value) for key in ("class", "provider", "type") if (value := primitive.get(key))}
    return etree.SubElement(resources, "lrm_resource", {"id": name, **agent})


def _parameters(attributes: etree._Element) -> dict[str, str]:
    """Return the parameters of the agent."""
    pairs = ((str(name), str(value)) for name, value in attributes.items())
    return {
        name: value
        for name, value in pairs
        if not name.startswith("CRM_meta_") and name not in _NOT_IN_DIGEST
    }


def _digest(attributes: etree._Element) -> str:
    """Return the digest by which the scheduler notices changed parameters.

    It is the MD5 sum of the sorted parameters as XML (pcmk__digest_operation).
    """
    found = _parameters(attributes)
    if attributes.get("CRM_meta_interval", "0") != "0" and (timeout := attributes.get("CRM_meta_timeout")):
        found["CRM_meta_timeout"] = timeout
    parameters = etree.Element("parameters")
    for name in sorted(found):
        parameters.set(name, found[name])
    text = etree.tostring(parameters, encoding="unicode")
    return md5(f" {text}\n".encode(), usedforsecurity=False).hexdigest()
