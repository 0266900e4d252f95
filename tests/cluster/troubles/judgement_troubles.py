"""Troubles of services: what runs, what does not, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trouble import Says, Trouble
from trouble_site import TroubleSite

#: What an agent prints and returns when it fails.
PORT_IN_USE = 'echo "ocf-exit-reason:port 80 is in use" >&2; exit 1'

FIELDS = 'rsc="address" score="-INFINITY"'


def constrain(site: TroubleSite, xml: str) -> None:
    """Add a constraint to the configuration."""
    site.run(["cibadmin", "--create", "--scope", "constraints", "--xml-text", xml])


def meta(site: TroubleSite, resource: str, name: str, value: str) -> None:
    site.run(["crm_resource", "--resource", resource, "--meta", "-p", name, "-v", value])


def kill(site: TroubleSite, resource: str, node: str = "") -> None:
    """End a resource behind the back of the cluster."""
    site.sh(f"rm -f /run/troubled-{resource}", node or site.where_runs(resource))


def freeze_with_bmc(site: TroubleSite) -> None:
    """Freeze the node that runs db and web, and all devices."""
    site.lab.engine.containers.get(f"{site.lab.name}-bmc").pause()
    site.lab.fault("pause", "controller02")


def thaw(site: TroubleSite) -> None:
    """Let the devices respond again, so that the cluster fences the frozen node."""
    bmc = site.lab.engine.containers.get(f"{site.lab.name}-bmc")
    bmc.reload()
    if bmc.status == "paused":
        bmc.unpause()


def move_to_2(site: TroubleSite) -> None:
    """Let db run on controller02, so that controller01 can be asked when it fails."""
    constrain(site, '<rsc_location id="db-on-2" rsc="db" node="controller02" score="1000"/>')
    site.wait("db runs on controller02", lambda _: site.where_runs("db") == "controller02", 60)


def hang(site: TroubleSite) -> None:
    move_to_2(site)
    freeze_with_bmc(site)


def start_slowly(site: TroubleSite) -> None:
    site.fail("web", "start", "sleep 12")
    kill(site, "web")
    site.sh("crm_resource --wait --timeout 2", "controller01")


def break_instance(site: TroubleSite) -> None:
    site.fail("many", "start", PORT_IN_USE, "controller02")
    kill(site, "many", "controller02")


def unmanage_and_kill(site: TroubleSite) -> None:
    meta(site, "db", "is-managed", "false")
    kill(site, "db")


def remove_but_keep(site: TroubleSite) -> None:
    site.run(["crm_attribute", "--name", "stop-orphan-resources", "--update", "false"])
    site.run(["cibadmin", "--delete", "--xpath", "//primitive[@id='address']"])


def separate(site: TroubleSite) -> None:
    """Let db run on one node alone, and ban web from it."""
    node = site.where_runs("db")
    constrain(site, f'<rsc_location id="db-on-{node}" rsc="db" node="{node}" score="INFINITY"/>')
    for each in site.nodes:
        if each != node:
            constrain(site, f'<rsc_location id="db-not-{each}" rsc="db" node="{each}" score="-INFINITY"/>')
    constrain(site, f'<rsc_location id="web-not-{node}" rsc="web" node="{node}" score="-INFINITY"/>')


def loop(site: TroubleSite) -> None:
    for name in ("address", "db"):
        meta(site, name, "target-role", "Stopped")
    site.wait("address and db are stopped", lambda _: stopped(site, "address", "db"), 60)
    constrain(site, '<rsc_order id="loop-1" first="address" then="db"/>')
    constrain(site, '<rsc_order id="loop-2" first="db" then="address"/>')
    for name in ("address", "db"):
        site.run(["crm_resource", "--resource", name, "--meta", "--delete-parameter", "target-role"])


def stopped(site: TroubleSite, *names: str) -> bool:
    return all(not each["placements"] for each in site.status()["services"] if each["id"] in names)


def exhaust(site: TroubleSite) -> None:
    site.run(["crm_attribute", "--name", "placement-strategy", "--update", "utilization"])
    site.run(["crm_resource", "--resource", "address", "--utilization", "-p", "memory", "-v", "4096"])


def dated(site: TroubleSite) -> None:
    end = datetime.now(UTC) + timedelta(hours=3)
    date = f'<date_expression id="night-date" operation="lt" end="{end:%Y-%m-%d %H:%M:%S}Z"/>'
    rule = f'<rule id="night-rule" score="-INFINITY">{date}</rule>'
    constrain(site, f'<rsc_location id="night" rsc="address">{rule}</rsc_location>')


def make_unhealthy(site: TroubleSite) -> None:
    site.run(["crm_attribute", "--name", "node-health-strategy", "--update", "migrate-on-red"])
    site.run(["attrd_updater", "--node", "controller02", "--name", "#health-disk", "--update", "red"])


def make_all_unhealthy(site: TroubleSite) -> None:
    for node in site.nodes:
        site.run(["attrd_updater", "--node", node, "--name", "#health-disk", "--update", "red"])
    site.run(["crm_attribute", "--name", "node-health-strategy", "--update", "only-green"])


def exceed_threshold(site: TroubleSite) -> None:
    meta(site, "address", "migration-threshold", "1")
    meta(site, "address", "failure-timeout", "1h")
    site.fail("address", "monitor", "test -e /run/troubled-address && rm -f /run/troubled-address")


def standby(site: TroubleSite) -> None:
    for node in site.nodes:
        site.run(["crm_attribute", "--node", node, "--name", "standby", "--update", "on"])


TROUBLES = (
    Trouble(
        name="frozen-node-with-hung-bmc",
        inject=hang,
        says=(
            Says(code="node-unclean", subject="controller02"),
            Says(
                code="service-hanging",
                subject="controller02",
                contains=("db", "web", "until that node is fenced"),
            ),
        ),
        states={"db": "hanging", "web": "hanging"},
        repair=thaw,
        heal=thaw,
        ends_within=240,
    ),
    Trouble(
        name="slow-start",
        inject=start_slowly,
        says=(Says(code="service-starting", contains=("web is starting",)),),
        states={"web": "starting"},
        never=("service-stopped",),
        ends=False,
        cluster_lane=True,
    ),
    Trouble(
        name="instance-fails-on-one-node",
        inject=break_instance,
        says=(
            Says(
                code="service-partial",
                subject="many",
                contains=("runs on 2 of 3", "not retried", "port 80 is in use"),
                run=True,
            ),
        ),
        states={"many": "partial"},
        never=("service-failed",),
        repair=TroubleSite.succeed,
        cluster_lane=True,
    ),
    Trouble(
        name="unmanaged-and-down",
        inject=unmanage_and_kill,
        says=(Says(code="service-unmanaged-down", subject="db", contains=("unmanaged", "web"), run=True),),
        states={"db": "unmanaged-down", "web": "waiting"},
    ),
    Trouble(
        name="stopped-by-operator",
        inject=lambda site: meta(site, "db", "target-role", "Stopped"),
        says=(Says(code="service-waiting", subject="web", contains=("waits for db",), run=True),),
        states={"db": "stopped", "web": "waiting"},
    ),
    Trouble(
        name="orphan-is-kept",
        inject=remove_but_keep,
        says=(
            Says(code="service-orphaned", subject="address", contains=("stop-orphan-resources",), run=True),
        ),
    ),
    Trouble(
        name="ban-everywhere",
        inject=lambda site: [
            site.run(["crm_resource", "--ban", "--resource", "address", "--node", node])
            for node in site.nodes
        ],
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("cli-ban-address-on-controller01",),
                run=True,
            ),
        ),
        states={"address": "cannot-run"},
    ),
    Trouble(
        name="location-leaves-nowhere",
        inject=lambda site: constrain(
            site,
            '<rsc_location id="nowhere" rsc="address"><rule id="nowhere-rule" score="-INFINITY">'
            '<expression id="nowhere-rack" attribute="rack" operation="ne" value="a"/></rule></rsc_location>',
        ),
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("nowhere, node attribute rack",),
                run=True,
            ),
        ),
        cluster_lane=True,
    ),
    Trouble(
        name="colocated-with-a-banned-node",
        inject=separate,
        says=(Says(code="service-stopped", subject="web", contains=("web-not-controller0",), run=True),),
    ),
    Trouble(
        name="order-loop",
        inject=loop,
        says=(Says(code="service-stopped", contains=("order loop", "loop-1", "loop-2"), run=True),),
    ),
    Trouble(
        name="utilization",
        inject=exhaust,
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("needs memory 4096", "memory 0"),
                run=True,
            ),
        ),
    ),
    Trouble(
        name="date-rule",
        inject=dated,
        says=(Says(code="service-stopped", subject="address", contains=("night", "changes at"), run=True),),
    ),
    Trouble(
        name="ticket-not-granted",
        inject=lambda site: constrain(
            site, '<rsc_ticket id="address-ticket" rsc="address" ticket="site-a"/>'
        ),
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("the ticket site-a is not granted",),
                run=True,
            ),
        ),
        ends=False,
    ),
    Trouble(
        name="node-health-red",
        inject=make_unhealthy,
        says=(
            Says(code="node-unhealthy", subject="controller02", contains=("#health-disk is red",), run=True),
        ),
    ),
    Trouble(
        name="all-nodes-unhealthy",
        inject=make_all_unhealthy,
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("#health-disk of controller01",),
                run=True,
            ),
        ),
        ends=False,
    ),
    Trouble(
        name="migration-threshold",
        inject=exceed_threshold,
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("failed", "is tried again at", "--cleanup --resource address"),
                run=True,
            ),
        ),
        repair=TroubleSite.succeed,
        within=90,
    ),
    Trouble(
        name="start-fails-everywhere",
        inject=lambda site: [site.fail("address", "start", PORT_IN_USE), kill(site, "address")],
        says=(
            Says(
                code="service-stopped",
                subject="address",
                contains=("not tried again", "port 80 is in use"),
                run=True,
            ),
        ),
        repair=TroubleSite.succeed,
        cluster_lane=True,
    ),
    Trouble(
        name="all-nodes-in-standby",
        inject=standby,
        says=(Says(code="override-standby", subject="controller01", run=True),),
        ends=False,
    ),
    Trouble(
        name="unmanaged-but-running",
        inject=lambda site: meta(site, "address", "is-managed", "false"),
        says=(Says(code="override-unmanaged", subject="address", run=True),),
        states={"address": "held"},
    ),
    Trouble(
        name="not-promoted",
        inject=lambda site: meta(site, "st-clone", "promoted-max", "0"),
        says=(
            Says(
                code="service-not-promoted",
                subject="st",
                contains=("promoted-max of st-clone is 0",),
                run=True,
            ),
        ),
        ends=False,
    ),
    Trouble(
        name="target-role-in-defaults",
        inject=lambda site: site.run(
            ["crm_attribute", "--type", "rsc_defaults", "--name", "target-role", "--update", "Stopped"]
        ),
        says=(),
        states={"address": "stopped", "db": "stopped"},
        ends=False,
    ),
)
