"""fence_nova's metadata, in the words of the fence agents' API."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = """fence_nova is no power device. It comes after one, in the same level of the fencing topology: when
it is asked for "off", the node's power is off already, and it writes that down in the configuration of the
cluster, from where the resource agent nova-evacuate takes it to evacuate the node's instances. Its success
depends on that alone: it works while Nova, Keystone and the database do not. If Nova answers soon, Nova is
told as well. It refuses a node that has no level with another device before it."""

#: Name, type, default, whether it is required, description.
PARAMETERS = (
    (
        "action",
        "string",
        "off",
        "1",
        "Fencing action: on, off, status, list, monitor, metadata, validate-all",
    ),
    ("plug", "string", None, "0", "The node, as the cluster names it"),
    (
        "credentials",
        "string",
        "/etc/pacemaker-os/nova.conf",
        "0",
        "A file with OS_ variables, for root alone",
    ),
    ("domain", "string", "", "0", "What Nova's host names have after the node's name"),
    (
        "tell_nova",
        "integer",
        "5",
        "0",
        "Seconds in which Nova is told as well; 0: only nova-evacuate tells it",
    ),
    ("verbose", "boolean", None, "0", "Say more on standard error"),
)

ACTIONS = ("on", "off", "status", "list", "monitor", "metadata", "validate-all")


def xml() -> str:
    """The whole document."""
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    """The document, line by line."""
    yield '<?xml version="1.0" ?>'
    yield '<resource-agent name="fence_nova" shortdesc="Records that a compute node is off">'
    yield f"<longdesc>{escape(' '.join(LONG.split()))}</longdesc>"
    yield "<vendor-url>https://docs.openstack.org/nova/latest/</vendor-url>"
    yield "<parameters>"
    for name, kind, default, required, words in PARAMETERS:
        said = f" default={quoteattr(default)}" if default else ""
        yield f'<parameter name="{name}" unique="0" required="{required}">'
        yield f'<getopt mixed="--{name.replace("_", "-")}=[{name}]"/>'
        yield f'<content type="{kind}"{said}/>'
        yield f'<shortdesc lang="en">{escape(words)}</shortdesc>'
        yield "</parameter>"
    yield "</parameters>"
    yield "<actions>"
    for name in ACTIONS:
        yield f'<action name="{name}"{" automatic=" + quoteattr("0") if name == "on" else ""}/>'
    yield "</actions>"
    yield "</resource-agent>"
