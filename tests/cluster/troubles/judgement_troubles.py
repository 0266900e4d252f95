"""Troubles of services: what runs, what does not, and why."""

from __future__ import annotations

from trouble import Says, Trouble

TROUBLES = (
    Trouble(
        name="ban-everywhere",
        inject=lambda site: [
            site.run(["crm_resource", "--ban", "--resource", "vip", "--node", node]) for node in site.nodes
        ],
        says=(Says(code="service-stopped", subject="vip", contains=("cli-ban-vip-on-controller01",)),),
        heal=lambda site: site.run(["crm_resource", "--clear", "--resource", "vip"]),
        ends=False,
    ),
)
