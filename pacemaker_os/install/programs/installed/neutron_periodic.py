"""Run Neutron's periodic workers, which reschedule networks and routers of agents that are down."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def without_ha(
    down_bindings: Callable[[Any, Any], list[Any]], attributes: Any
) -> Callable[[Any, Any], list[Any]]:
    """Return `down_bindings`, limited to routers without HA.

    A router with HA is on several hosts, and keepalived fails it over. Neutron 26 tries to reschedule it as
    well and fails, which leaves all routers after it on agents that are down.
    """

    def has_ha(context: Any, router: str) -> bool:
        found = attributes.get_object(context, router_id=router)
        return found is not None and bool(found.ha)

    def limited(context: Any, cutoff: Any) -> list[Any]:
        bindings = down_bindings(context, cutoff)
        return [binding for binding in bindings if not has_ha(context, binding.router_id)]

    return limited


def main() -> None:
    """Run the workers of the plugins as a server of Neutron."""
    # Before all other modules of Neutron, because it patches sockets and threads.
    import_module("neutron.cmd.eventlet")
    from neutron import manager, server, service
    from neutron.objects.l3agent import RouterL3AgentBinding
    from neutron.objects.router import RouterExtraAttributes

    def run_workers() -> None:
        RouterL3AgentBinding.get_down_router_bindings = without_ha(
            RouterL3AgentBinding.get_down_router_bindings, RouterExtraAttributes
        )
        manager.init()
        service.start_plugins_workers().wait()

    server.boot_server(run_workers)


if __name__ == "__main__":
    main()
