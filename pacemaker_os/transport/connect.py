"""Selection of a transport."""

from __future__ import annotations

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.base import Transport


def open_transport(*, container: str | None = None, ssh: str | None = None) -> Transport:
    """Return the transport to a container, to an SSH host, or by default to this machine."""
    if container is not None and ssh is not None:
        raise TransportError(
            "cannot connect through both a container and SSH; specify only one of them", code="usage"
        )
    if container is not None:
        from pacemaker_os.transport.container import ContainerTransport

        return ContainerTransport(container)
    if ssh is not None:
        from pacemaker_os.transport.ssh import SshTransport

        return SshTransport(ssh)
    from pacemaker_os.transport.local import LocalTransport

    return LocalTransport()
