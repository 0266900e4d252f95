"""fence_nova's metadata, in the format of the fence agent API."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = """Records that a compute node was fenced, so that its instances can be evacuated. fence_nova does not
control power. Configure it after a power fencing device in the same fencing level: when Pacemaker runs its
"off" action, the node is already off. The action stores an evacuation request in the CIB, from where the
resource agent nova-evacuate reads it. It succeeds as soon as the request is stored, even while Nova, Keystone
or the database is unavailable. If Nova responds in time, the action also forces the compute service down. It
fails for a node that has no fencing level with another device before fence_nova."""

#: Name, type, default, whether it is required, description.
PARAMETERS = (
    (
        "action",
        "string",
        "off",
        "1",
        "Fencing action: on, off, status, list, monitor, metadata, validate-all",
    ),
    ("plug", "string", None, "0", "Name of the node in the cluster"),
    (
        "credentials_file",
        "string",
        "/etc/pacemaker-os/nova.conf",
        "0",
        "OpenStack credentials file (OS_* variables), readable by root only",
    ),
    ("domain", "string", "", "0", "Domain that Nova's host names have after the node name"),
    (
        "nova_timeout",
        "integer",
        "5",
        "0",
        "Timeout, in seconds, for forcing the compute service down in Nova; 0 leaves this to nova-evacuate",
    ),
    ("verbose", "boolean", None, "0", "Print more on standard error"),
)

#: Former names that are still accepted, and the parameters that replace them.
RENAMED = {"credentials": "credentials_file", "tell_nova": "nova_timeout"}

ACTIONS = ("on", "off", "status", "list", "monitor", "metadata", "validate-all")


def xml() -> str:
    """Return the whole document."""
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    """Yield the lines of the document."""
    yield '<?xml version="1.0" ?>'
    yield '<resource-agent name="fence_nova" shortdesc="Records that a compute node is off">'
    yield f"<longdesc>{escape(' '.join(LONG.split()))}</longdesc>"
    yield "<vendor-url>https://docs.openstack.org/nova/latest/</vendor-url>"
    yield "<parameters>"
    former_names = {name: former for former, name in RENAMED.items()}
    for name, kind, default, required, description in PARAMETERS:
        former = former_names.get(name)
        yield from parameter(name, kind, default, required, description, obsoletes=former)
        if former:
            yield from parameter(former, kind, None, "0", f"Deprecated; use {name}", deprecated="1")
    yield "</parameters>"
    yield "<actions>"
    for name in ACTIONS:
        yield f'<action name="{name}"{" automatic=" + quoteattr("0") if name == "on" else ""}/>'
    yield "</actions>"
    yield "</resource-agent>"


def parameter(
    name: str, kind: str, default: str | None, required: str, description: str, **more: str | None
) -> Iterator[str]:
    """Yield the lines of one parameter; `more` are further XML attributes."""
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in more.items() if value)
    content = f" default={quoteattr(default)}" if default else ""
    yield f'<parameter name="{name}" unique="0" required="{required}"{attributes}>'
    yield f'<getopt mixed="--{name.replace("_", "-")}=[{name}]"/>'
    yield f'<content type="{kind}"{content}/>'
    yield f'<shortdesc lang="en">{escape(description)}</shortdesc>'
    yield "</parameter>"
