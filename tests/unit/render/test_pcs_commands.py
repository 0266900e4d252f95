"""A plan as pcs commands."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest
from lxml import etree
from pcs_runner import as_cib, plan_of

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade
from pacemaker_os.plan.verification import Verification
from pacemaker_os.render.plan.pcs import pcs_commands, pcs_lines
from pacemaker_os.render.plan.pcs.tokens import here_document

DOCUMENT = """
properties: {no-quorum-policy: stop}
nodes: {n1: {rack: "left side"}}
resources:
  vip:
    agent: ocf:heartbeat:IPaddr2
    params: {ip: 10.0.0.1}
    monitor: 30s
  lb: {agent: systemd:haproxy, clone: {interleave: true}}
  fence: {agent: stonith:fence_ipmilan, params: {ip: 10.0.0.9}}
order: [lb then vip]
colocation: [vip with lb]
location: [vip on n1 (100)]
"""

ADDED = """\
pcs property set no-quorum-policy=stop --force
pcs resource create vip ocf:heartbeat:IPaddr2 ip=10.0.0.1 op monitor interval=30s --no-default-ops --force
pcs resource create lb systemd:haproxy clone lb-clone --no-default-ops --force
cibadmin --delete --xpath '//primitive[@id="lb"]/operations'
pcs resource meta lb-clone interleave=true
pcs stonith create fence fence_ipmilan ip=10.0.0.9 --force
cibadmin --delete --xpath '//primitive[@id="fence"]/operations'
pcs constraint order lb-clone then vip id=order-lb-clone-vip-mandatory
pcs constraint colocation add vip with lb-clone score=INFINITY id=colocation-vip-lb-clone-INFINITY
pcs constraint location add location-vip-n1-100 vip n1 100
"""


def commands(live: Cib, desired: Cib) -> list[str]:
    cib = as_cib(live)
    return list(pcs_commands(plan_of(cib, desired), cib))


def test_pcs_commands_create_objects() -> None:
    found = commands(Cib(), document.load(DOCUMENT))
    # The node is new, and pcs sets attributes of existing nodes only.
    assert [line for line in found if not line.startswith("cibadmin --patch")] == ADDED.splitlines()
    assert sum("rack" in line for line in found) == 1
    # pcs requires that the resources of a constraint exist.
    assert max(found.index(line) for line in found if " create " in line) < min(
        found.index(line) for line in found if " constraint " in line
    )


def test_pcs_commands_update_and_delete_objects() -> None:
    live = Cib.from_xml(document.load(DOCUMENT).to_xml())
    desired = document.load(
        "nodes: {n1: {rack: left side}}\nproperties: {no-quorum-policy: stop}\nresources:\n"
        "  vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 10.0.0.2}, monitor: 30s}\n"
    )
    (patch, *found) = sorted(commands(live, desired))
    # pcs 0.12 does not delete the last fencing device.
    assert 'operation="delete" path="/cib/configuration/resources/primitive[@id=\'' in patch
    assert found == [
        "pcs constraint delete colocation-vip-lb-clone-INFINITY",
        "pcs constraint delete location-vip-n1-100",
        "pcs constraint delete order-lb-clone-vip-mandatory",
        "pcs resource delete lb-clone",
        "pcs resource update vip ip=10.0.0.2 --force",
    ]


def test_pcs_commands_fall_back_to_cibadmin() -> None:
    text = "resources: {a: {agent: ocf:pacemaker:Dummy}}\nlocation:\n  - {resource: a, where: rack eq left}\n"
    found = commands(Cib(), document.load(text))
    assert found[-1].startswith("cibadmin --patch --xml-pipe <<'EOF'\n<diff format=\"2\">\n")
    assert found[-1].endswith("\n</diff>\nEOF")
    assert found[-1].count("<rsc_location") == 1
    assert "<version>" not in found[-1]


def test_pcs_commands_upgrade_schema_and_list_secrets() -> None:
    upgrade = SchemaUpgrade("pacemaker-3.5", "pacemaker-3.9")
    secret = PlannedSecret("vip", "key", "vip-key", ("n1", "n2"))
    cib = as_cib(Cib())
    found = replace(plan_of(cib, Cib()), upgrade=upgrade, secrets=(secret,))
    assert list(pcs_commands(found, cib)) == [
        "pcs cluster cib-upgrade",
        "# distribute secret vip-key to n1 n2, for vip key",
    ]


def load(text: str) -> Cib:
    return document.load(text)


A, B = "{agent: ocf:pacemaker:Dummy, params: {passwd: x1}}", "{agent: ocf:pacemaker:Dummy}"


def test_removal_of_object_with_reference_that_stays_is_part_of_the_patch() -> None:
    live = load(f"resources: {{a: {A}, b: {B}}}\ntags: {{t: [a, b]}}\n")
    (line,) = commands(live, load(f"resources: {{b: {B}}}\ntags: {{t: [b]}}\n"))
    assert line.startswith("cibadmin --patch")
    assert "/primitive[@id='a']" in line
    assert "x1" not in line


def test_removals_delete_references_before_their_targets() -> None:
    live = load(f"resources: {{a: {A}, b: {B}}}\norder: [a then b]\ntags: {{t: [a, b]}}\n")
    assert commands(live, load(f"resources: {{b: {B}}}\n")) == [
        "pcs constraint delete order-a-b-mandatory",
        "pcs tag delete t",
        "pcs resource delete a",
    ]


def test_members_that_move_between_groups_are_not_deleted() -> None:
    live = load(f"resources: {{g: {{group: {{a: {A}, b: {B}}}}}, h: {{group: {{c: {B}}}}}}}\n")
    found = commands(
        live, load(f"resources: {{g: {{group: {{b: {B}}}}}, h: {{group: {{c: {B}, a: {A}}}}}}}\n")
    )
    assert not any("delete a" in line for line in found)


def test_order_between_members_of_a_group_is_part_of_the_patch() -> None:
    group = "{group: {a: {agent: 'systemd:a'}, b: {agent: 'systemd:b'}}}"
    resources = f"resources: {{g: {group}, c: {{agent: 'systemd:c'}}}}\n"
    desired = document.load(f"{resources}order: [a then b (optional), a then c]\n")
    found = commands(Cib(), desired)
    # pcs rejects the first one.
    assert [line for line in found if " order " in line] == [
        "pcs constraint order a then c id=order-a-c-mandatory"
    ]
    assert sum("cibadmin --patch" in line and "order-a-b" in line for line in found) == 1


def test_comment_with_line_break_stays_one_line() -> None:
    cib = as_cib(Cib())
    odd = ("resource x\nreboot",)
    plan = replace(plan_of(cib, Cib()), overrides=odd, lost_overrides=odd, cluster_maintained=odd, notes=odd)
    assert all(line.startswith("#") for line in "\n".join(pcs_lines(plan, cib)).splitlines())


def test_values_that_pcs_changes_are_part_of_the_patch() -> None:
    text = 'properties: {"-x": "1", "a=b": "2", "c": "line\\nbreak", d: " ", e: good}\n'
    assert len(commands(Cib(), load(text))) == 1
    assert commands(Cib(), load("properties: {e: good}\n")) == ["pcs property set e=good --force"]


def test_comments_name_everything_that_an_operator_must_know() -> None:
    cib = as_cib(Cib())
    problem = Verification(level="warning", text="Ignoring it", object="a", origin="d.cib.yaml:3:1")
    plan = replace(
        plan_of(cib, load("properties: {no-quorum-policy: stop}")),
        notes=("the last fencing device is removed",),
        lost_overrides=("resource a target-role Stopped",),
        cluster_maintained=("property redis_REPL_INFO",),
        overrides=("resource b is-managed false",),
        verification=(problem, replace(problem, text="Known", new=False)),
    )
    assert list(pcs_lines(plan, cib)) == [
        "# note: the last fencing device is removed",
        "# Pacemaker's warning: Ignoring it (a d.cib.yaml:3:1)",
        "# lost operator override: resource a target-role Stopped",
        "# unchanged, cluster-maintained: property redis_REPL_INFO",
        "# unchanged operator override: resource b is-managed false",
        "pcs property set no-quorum-policy=stop --force",
    ]


def parsed_by_shell(command: str) -> tuple[list[str], str]:
    """Return the arguments and the standard input that a POSIX shell passes to cibadmin."""
    script = f'cibadmin() {{ printf \'%s\\n\' "$#" "$@"; cat; }}\n{command}\n'
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True, env={"LC_ALL": "C"})
    count, *lines = done.stdout.decode().split("\n")
    return lines[: int(count)], "\n".join(lines[int(count) :])


@pytest.mark.parametrize(
    "value", ["line\nbreak", "tab\there", "cr\rhere", "$HOME `id` 'x' \\ !", "\u0085\u2028\u202e", "é", " x "]
)
def test_patch_passes_values_through_a_shell(value: str) -> None:
    (command,) = commands(Cib(), load(json.dumps({"properties": {"a=b": value}})))
    arguments, xml = parsed_by_shell(command)
    assert arguments == ["--patch", "--xml-pipe"]
    (pair,) = etree.fromstring(xml.encode()).iter("nvpair")
    assert pair.get("value") == value


def test_line_of_a_comment_does_not_end_a_here_document() -> None:
    xml = etree.fromstring("<diff><!-- x\nEOF\nreboot\n --><change/></diff>")
    arguments, text = parsed_by_shell(here_document(["cibadmin", "--patch"], xml))
    assert arguments == ["--patch"]
    assert "reboot" in text


def test_commands_are_no_longer_than_an_argument_may_be() -> None:
    values = {f"p{number}": "x" * 1000 for number in range(200)}
    resources = {
        "a": {"agent": "ocf:pacemaker:Dummy", "params": values},
        "b": {"agent": "ocf:pacemaker:Dummy"},
    }
    found = commands(Cib(), load(json.dumps({"resources": resources, "properties": {"x": "y" * 140000}})))
    assert all(len(line) < 65536 or "<<" in line.partition("\n")[0] for line in found)
    assert sum(line.startswith("pcs resource create b ") for line in found) == 1
