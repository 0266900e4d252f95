"""Services, read from the output of crm_mon."""

from __future__ import annotations

from states import configuration, result

from pacemaker_os.status.services import read_services
from pacemaker_os.status.values import Placement

NOTHING = configuration("")


def resource(name: str, role: str = "Started", *nodes: str, more: str = "") -> str:
    inside = "".join(f'<node name="{node}"/>' for node in nodes)
    return (
        f'<resource id="{name}" resource_agent="ocf:pacemaker:Dummy" role="{role}" managed="true" {more}>'
        f"{inside}</resource>"
    )


def read(inside: str):
    return read_services(result(f"<resources>{inside}</resources>"), NOTHING)


def test_primitive() -> None:
    (vip,) = read(resource("vip", "Started", "n1"))
    assert (vip.id, vip.kind, vip.placements) == ("vip", "primitive", (Placement("Started", ("n1",)),))


def test_instances_of_a_clone_are_one_service() -> None:
    instances = resource("lb", "Started", "n2") + resource("lb", "Started", "n1") + resource("lb", "Stopped")
    (lb,) = read(f'<clone id="lb-clone" multi_state="false">{instances}</clone>')
    assert (lb.kind, lb.placements) == ("clone", (Placement("Started", ("n1", "n2")),))
    assert (lb.stopped_instances, lb.parents) == (1, ("lb-clone",))


def test_unique_instances_of_a_clone_are_one_service() -> None:
    instances = resource("lb:0", "Started", "n2") + resource("lb:1", "Started", "n2")
    (lb,) = read(f'<clone id="lb-clone" multi_state="false" unique="true">{instances}</clone>')
    assert (lb.id, lb.nodes) == ("lb", ("n2",))


def test_old_role_names_are_replaced_and_promoted_is_first() -> None:
    instances = resource("db", "Slave", "n1") + resource("db", "Master", "n2")
    (db,) = read(f'<clone id="db-clone" multi_state="true">{instances}</clone>')
    assert db.kind == "promotable"
    assert db.placements == (Placement("Promoted", ("n2",)), Placement("Unpromoted", ("n1",)))


def test_members_of_a_group_are_separate_services() -> None:
    members = resource("ip", "Started", "n1") + resource("fs", "Stopped")
    ip, fs = read(f'<group id="g">{members}</group>')
    assert (ip.group, fs.group, ip.runs, fs.runs) == ("g", "g", True, False)


def test_instances_of_a_cloned_group_are_combined() -> None:
    groups = "".join(
        f'<group id="g:{n}">{resource("a", "Started", node)}{resource("b", "Started", node)}</group>'
        for n, node in enumerate(("n1", "n2"))
    )
    found = read(f'<clone id="g-clone" multi_state="false">{groups}</clone>')
    assert [(each.id, each.nodes, each.parents) for each in found] == [
        ("a", ("n1", "n2"), ("g-clone", "g")),
        ("b", ("n1", "n2"), ("g-clone", "g")),
    ]


def test_bundle_has_the_roles_of_its_primitive_on_the_hosts() -> None:
    def replica(n: int, role: str, host: str) -> str:
        container = resource(f"db-bundle-podman-{n}", "Started", host).replace(
            "ocf:pacemaker:Dummy", "ocf:heartbeat:podman"
        )
        return f'<replica id="{n}">{container}{resource("db", role, f"db-bundle-{n}")}</replica>'

    replicas = replica(0, "Promoted", "n2") + replica(1, "Unpromoted", "n1")
    (bundle,) = read(f'<bundle id="db-bundle" image="db" managed="true">{replicas}</bundle>')
    assert (bundle.id, bundle.kind, bundle.agent) == ("db-bundle", "bundle", "ocf:pacemaker:Dummy")
    assert bundle.placements == (Placement("Promoted", ("n2",)), Placement("Unpromoted", ("n1",)))
    assert {"db", "db-bundle-podman-0"} <= bundle.names


def test_flags_of_a_service_are_read() -> None:
    odd = 'failed="true" blocked="true" orphaned="true" pending="Stopping" target_role="Stopped"'
    (vip,) = read(resource("vip", "Started", "n1", more=odd))
    assert (vip.failed, vip.blocked, vip.orphaned, vip.pending) == (True, True, True, ("Stopping",))
    assert vip.target_role == "Stopped"


def test_target_role_of_a_clone_applies_to_its_primitive() -> None:
    inside = f'<clone id="c" multi_state="false" target_role="Stopped">{resource("a", "Stopped")}</clone>'
    assert read(inside)[0].target_role == "Stopped"


def test_needs_are_ids_of_services() -> None:
    found = read_services(
        result(
            f'<resources>{resource("vip", "Started", "n1")}<clone id="lb-clone" multi_state="false">'
            f"{resource('lb', 'Started', 'n1')}</clone></resources>"
        ),
        configuration(
            '<constraints><rsc_order id="o" first="lb-clone" then="vip"/>'
            '<rsc_colocation id="c" rsc="vip" with-rsc="lb-clone" score="10"/></constraints>'
        ),
    )
    assert {each.id: each.needs for each in found} == {"vip": ("lb",), "lb": ()}
