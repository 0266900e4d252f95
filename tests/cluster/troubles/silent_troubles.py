"""Troubles of nodes that the cluster itself does not report: daemons, disks, addresses and fencing."""

from __future__ import annotations

from trouble import Says, Trouble
from trouble_site import DOCUMENT, TroubleSite

PASSWORD = "/etc/pacemaker/bmc-password"
CIB = "/var/lib/pacemaker/cib"

#: A unit that prints a secret and a reason, and fails.
UNIT = r"""[Service]
Type=oneshot
ExecStart=/bin/sh -c 'printf "cannot bind port 80\\033[31m password=hunter2\\n" >&2; exit 1'
"""


def freeze(daemon: str, node: str = "controller02") -> Trouble:
    """Return the trouble of a daemon that a signal stopped."""
    return Trouble(
        name=f"frozen-{daemon}",
        inject=lambda site: site.sh(f"pkill -STOP -x {daemon[:15]}", node),
        says=(Says(code="daemon-not-answering", subject=node, contains=(daemon, "signal"), run=True),),
        heal=lambda site: site.sh(f"pkill -CONT -x {daemon[:15]}", node),
    )


def dc_of(site: TroubleSite) -> str:
    return str(site.status()["dc"])


def freeze_controller_of_dc(site: TroubleSite) -> None:
    site.sh("pkill -STOP -x pacemaker-contr", dc_of(site))


def freeze_everywhere(site: TroubleSite, signal: str = "STOP") -> None:
    for node in site.nodes:
        site.sh(f"pkill -{signal} -x pacemaker-contr", node)


def change(site: TroubleSite, value: str) -> None:
    """Change the configuration, so that every node writes it."""
    site.run(["crm_attribute", "--name", "cluster-delay", "--update", value])


def fill_disk(site: TroubleSite) -> None:
    """Move the CIB of a node to a small file system without free space."""
    site.sh(
        f"cp -a {CIB} /root/cib; mount -t tmpfs -o size=512k,mode=750,uid=hacluster,gid=haclient tmpfs {CIB};"
        f"cp -a /root/cib/cib.xml /root/cib/cib.xml.sig {CIB}/; cat /dev/zero >{CIB}/filler",
        "controller02",
    )
    change(site, "61s")


def restore_disk(site: TroubleSite) -> None:
    site.sh(f"umount {CIB}; rm -rf /root/cib; pkill -PIPE -x pacemaker-based", "controller02")


def damage_cib(site: TroubleSite) -> None:
    # Pacemaker 2.1 reads past text after the end of the document, and replaces the file.
    site.sh(f"sed -i '0,/value=\"/s//value=\"x/' {CIB}/cib.xml", "controller02")
    change(site, "62s")


def disown_cib(site: TroubleSite) -> None:
    site.sh(f"chown root:root {CIB} {CIB}/cib.xml; chmod 700 {CIB}", "controller02")
    change(site, "63s")


def address(site: TroubleSite) -> str:
    """Return a free address of the lab's network."""
    return site.sh("hostname -I").split()[0].rpartition(".")[0] + ".240"


def duplicate(site: TroubleSite) -> None:
    params = f'{{ip: "{address(site)}", cidr_netmask: 24}}'
    extra = f'  dup-ip: {{agent: "ocf:heartbeat:IPaddr2", params: {params}, monitor: 20s}}\n'
    site.apply(DOCUMENT.replace("order:\n", f"{extra}order:\n"))
    site.wait("dup-ip runs", lambda state: runs(state, "dup-ip"), 60)
    other = next(node for node in site.nodes if node != site.where_runs("dup-ip"))
    site.sh(f"ip address add {address(site)}/32 dev eth0", other)


def remove_duplicate(site: TroubleSite) -> None:
    for node in site.nodes:
        site.sh(f"ip address delete {address(site)}/32 dev eth0", node)
    site.apply(DOCUMENT)


def runs(state: dict[str, object], name: str) -> bool:
    services = state["services"]
    assert isinstance(services, list)
    return any(each["id"] == name and each["placements"] for each in services)


def wrong_password(site: TroubleSite) -> None:
    for node in site.nodes:
        site.sh(
            f"cp -np {PASSWORD} /root/password; printf '#!/bin/sh\\necho wrong\\n' >{PASSWORD};"
            f"chmod 700 {PASSWORD}",
            node,
        )


def right_password(site: TroubleSite) -> None:
    for node in site.nodes:
        site.sh(f"test -e /root/password && mv /root/password {PASSWORD}", node)


def restart_device(site: TroubleSite) -> None:
    wrong_password(site)
    site.sh("crm_resource --restart --resource fence-controller02 --timeout 5s")


def lose_with_wrong_password(site: TroubleSite) -> None:
    wrong_password(site)
    site.lab.fault("kill", "controller03")


def power_on(site: TroubleSite) -> None:
    right_password(site)
    site.lab.fault("heal", "controller03")


def fail_stop(site: TroubleSite) -> None:
    node = site.where_runs("address")
    site.fail("address", "stop", 'echo "ocf-exit-reason:disk is gone" >&2; exit 1', node)
    site.sh("crm_resource --move --resource address")


def clear_move(site: TroubleSite) -> None:
    site.sh("crm_resource --clear --resource address")


def failing_unit(site: TroubleSite) -> None:
    for node in site.nodes:
        site.sh(f"printf %s {quote(UNIT)} >/run/systemd/system/faulty.service; systemctl daemon-reload", node)
    unit = '  faulty: {agent: "systemd:faulty", monitor: 20s}\n'
    site.apply(DOCUMENT.replace("order:\n", f"{unit}order:\n"))


def quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def join_through(site: TroubleSite) -> None:
    """Let a node start while the DC does not admit it."""
    site.sh("systemctl stop pacemaker", "controller03")
    freeze_everywhere(site)
    site.sh("systemctl start --no-block pacemaker", "controller03")


def start_all(site: TroubleSite) -> None:
    for node in site.nodes:
        site.sh("systemctl stop --no-block pacemaker", node)
    for node in site.nodes:
        site.sh("systemctl stop pacemaker", node)
    for node in site.nodes:
        site.sh("systemctl start --no-block corosync pacemaker", node)


def second_link(site: TroubleSite) -> None:
    """Add a link to corosync, and block it for one node."""
    pairs = []
    for number, node in enumerate(site.nodes, 1):
        site.sh(f"ip address add 10.99.0.{number}/24 dev eth0", node)
        pairs.append(f"{node}=10.99.0.{number}")
    print(site.sh(f"pcs cluster link add {' '.join(pairs)} 2>&1"))
    site.sh(
        "nft add table inet one-link;"
        "nft add chain inet one-link in '{ type filter hook input priority 0; }';"
        "nft add rule inet one-link in ip saddr 10.99.0.0/24 drop",
        "controller02",
    )


def one_link(site: TroubleSite) -> None:
    site.sh("nft delete table inet one-link", "controller02")
    print(site.sh("pcs cluster link remove 1 2>&1"))
    for number, node in enumerate(site.nodes, 1):
        site.sh(f"ip address delete 10.99.0.{number}/24 dev eth0", node)


TROUBLES = (
    freeze("pacemaker-execd"),
    freeze("pacemaker-fenced"),
    freeze("pacemaker-attrd"),
    freeze("pacemaker-schedulerd"),
    freeze("pacemaker-based"),
    freeze("pacemakerd"),
    freeze("pacemakerd", "controller01"),
    freeze("pacemaker-fenced", "controller01"),
    Trouble(
        name="frozen-controller-of-dc",
        inject=freeze_controller_of_dc,
        says=(Says(code="daemon-not-answering", contains=("pacemaker-controld", "it is the DC"), run=True),),
        heal=lambda site: freeze_everywhere(site, "CONT"),
    ),
    Trouble(
        name="pcsd-stopped",
        inject=lambda site: site.sh("systemctl stop pcsd", "controller02"),
        says=(Says(code="pcsd-not-active", subject="controller02", run=True),),
    ),
    Trouble(
        name="disk-full",
        inject=fill_disk,
        says=(
            Says(code="disk-space", subject="controller02", contains=(CIB,)),
            Says(code="cib-not-written", subject="controller02", contains=("full",), run=True),
        ),
        repair=lambda site: site.sh(f"rm {CIB}/filler; mount -o remount,size=100m {CIB}", "controller02"),
        heal=restore_disk,
    ),
    Trouble(
        name="cib-damaged",
        inject=damage_cib,
        says=(Says(code="cib-not-written", subject="controller02", contains=("damaged",), run=True),),
    ),
    Trouble(
        name="cib-foreign",
        inject=disown_cib,
        says=(Says(code="cib-not-written", subject="controller02", contains=("owned",), run=True),),
    ),
    Trouble(
        name="duplicate-address",
        inject=duplicate,
        says=(Says(code="duplicate-address", subject="dup-ip", run=True),),
        heal=remove_duplicate,
    ),
    Trouble(
        name="device-disabled",
        inject=lambda site: site.run(
            [
                *("crm_resource", "--resource", "fence-controller02"),
                *("--meta", "--set-parameter", "target-role", "--parameter-value", "Stopped"),
            ]
        ),
        says=(Says(code="fencing-no-coverage", subject="controller02"),),
        ends=False,
    ),
    Trouble(
        name="device-removed",
        inject=lambda site: site.sh("pcs --force stonith delete fence-controller02"),
        says=(Says(code="fencing-no-coverage", subject="controller02"),),
        ends=False,
    ),
    Trouble(
        name="fencing-disabled",
        inject=lambda site: site.run(["crm_attribute", "--name", "stonith-enabled", "--update", "false"]),
        says=(Says(code="fencing-off", contains=("stonith-enabled",), run=True),),
    ),
    Trouble(
        name="wrong-password",
        inject=restart_device,
        says=(
            Says(code="service-stopped", subject="fence-controller02", contains=("PowerState",), run=True),
        ),
        repair=right_password,
        heal=right_password,
    ),
    Trouble(
        name="gave-up",
        inject=lose_with_wrong_password,
        says=(
            Says(
                code="fencing-gave-up",
                subject="controller03",
                contains=("10 attempts", "PowerState"),
                run=True,
            ),
        ),
        repair=right_password,
        heal=power_on,
        within=180,
        ends=False,
    ),
    Trouble(
        name="fenced-after-failed-stop",
        inject=fail_stop,
        says=(Says(code="fenced", contains=("stop of address failed", "disk is gone")),),
        repair=clear_move,
        heal=clear_move,
        within=120,
    ),
    Trouble(
        name="fenced-after-power-loss",
        inject=lambda site: site.lab.fault("kill", "controller03"),
        says=(Says(code="fenced", subject="controller03", contains=("without a shutdown",)),),
        within=120,
    ),
    Trouble(
        name="fenced-by-operator",
        inject=lambda site: site.sh("stonith_admin --reboot controller03"),
        says=(Says(code="fenced", subject="controller03", contains=("stonith_admin",)),),
        within=120,
    ),
    Trouble(
        name="unit-fails",
        inject=failing_unit,
        says=(
            Says(
                code="service-stopped", subject="faulty", contains=("cannot bind port 80", "password=*****")
            ),
        ),
        heal=lambda site: site.apply(DOCUMENT),
        ends=False,
    ),
    Trouble(
        name="agent-without-reason",
        inject=lambda site: [
            site.fail("db", "start", 'echo "words of the agent" >&2; exit 1'),
            site.fail("db", "monitor", "exit 7"),
        ],
        says=(Says(code="service-stopped", subject="db", contains=("words of the agent",)),),
        ends=False,
    ),
    Trouble(
        name="through-joining-node",
        inject=join_through,
        says=(Says(code="view-not-current", subject="controller03"),),
        never=("service-stopped", "services-stopped", "no-quorum", "no-dc"),
        repair=lambda site: freeze_everywhere(site, "CONT"),
        heal=lambda site: freeze_everywhere(site, "CONT"),
        asked="controller03",
    ),
    Trouble(
        name="cluster-starts",
        inject=start_all,
        says=(Says(code="cluster-starting"),),
        never=("service-stopped", "services-stopped"),
        within=60,
    ),
    Trouble(
        name="one-link-of-two",
        inject=second_link,
        says=(Says(code="link-down", contains=("controller02",)),),
        heal=one_link,
        within=60,
        ends=False,
    ),
)
