"""An agent's metadata as XML, for the OCF version of the caller.

A caller passes its version in OCF_RA_VERSION_MAJOR and _MINOR (Pacemaker 2.1 and later: 1.1). Unique groups,
reloadable and deprecated parameters and the action reload-agent exist only since OCF 1.1, and the schema of
OCF 1.0 rejects them. A caller without a version (ocf-tester, which validates against ra-api-1.dtd) gets OCF
1.0. Roles are Promoted and Unpromoted in both, as the metadata.rng of resource-agents requires.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from pacemaker_os import __version__
from pacemaker_os.ocf.action import Action

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacemaker_os.ocf.agent import Agent
    from pacemaker_os.ocf.parameter import Parameter

DOCTYPE = '<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">\n'


def requested_version(environ: Mapping[str, str]) -> str:
    """Return the OCF version for the caller: 1.1 if it supports that, else 1.0."""
    minor = environ.get("OCF_RA_VERSION_MINOR", "")
    knows = environ.get("OCF_RA_VERSION_MAJOR") == "1" and minor.isdigit() and int(minor) >= 1
    return "1.1" if knows else "1.0"


def xml(agent: type[Agent], version: str) -> str:
    """Return the whole document. `version` is "1.0" or "1.1"."""
    modern = version == "1.1"
    head = '<?xml version="1.0" encoding="utf-8"?>\n' + ("" if modern else DOCTYPE)
    return head + "\n".join(lines(agent, modern)) + "\n"


def attributes(**values: str | None) -> str:
    """Return XML attributes, each with a leading space. Those with the value None are left out."""
    return "".join(
        f" {name.replace('_', '-')}={quoteattr(value)}" for name, value in values.items() if value is not None
    )


def description(tag: str, text: str) -> str:
    """Return a description element in English."""
    return f'<{tag} lang="en">{escape(text)}</{tag}>'


def lines(agent: type[Agent], modern: bool) -> Iterator[str]:
    """Yield the lines of the document."""
    yield f"<resource-agent{attributes(name=agent.name, version=__version__ if modern else None)}>"
    yield f"<version>{'1.1' if modern else '1.0'}</version>"
    yield description("longdesc", " ".join((agent.__doc__ or agent.summary).split()))
    yield description("shortdesc", agent.summary)
    yield "<parameters>"
    for parameter in agent.parameters():
        yield from parameter_lines(parameter, modern)
        if parameter.renamed_from:
            yield from parameter_lines(parameter.former(), modern)
    yield "</parameters>"
    yield "<actions>"
    for action in every_action(agent, modern):
        yield action_line(action)
    yield "</actions>"
    yield "</resource-agent>"


def parameter_lines(parameter: Parameter, modern: bool) -> Iterator[str]:
    """Yield the lines of one parameter."""
    group = parameter.unique_group or None
    unique = attributes(unique_group=group) if modern else attributes(unique="1" if group else "0")
    reload = attributes(reloadable="1" if parameter.reloadable else "0") if modern else ""
    required = attributes(required="1" if parameter.required else "0")
    yield f"<parameter{attributes(name=parameter.name)}{unique}{required}{reload}>"
    if modern and parameter.deprecated:
        yield "<deprecated>"
        if parameter.replaced_with:
            yield f"<replaced-with{attributes(name=parameter.replaced_with)}/>"
        yield description("desc", parameter.deprecated)
        yield "</deprecated>"
    yield description("longdesc", parameter.help)
    yield description("shortdesc", parameter.short)
    kind = parameter.content_type if modern or parameter.content_type != "select" else "string"
    content = attributes(type=kind, default=parameter.default or None)
    if kind == "select":
        yield f"<content{content}>"
        yield from (f"<option{attributes(value=option)}/>" for option in parameter.options)
        yield "</content>"
    else:
        yield f"<content{content}/>"
    yield "</parameter>"


def every_action(agent: type[Agent], modern: bool) -> Iterator[Action]:
    """Yield the agent's own actions and those that every agent has."""
    yield from agent.actions
    if modern and agent.reloadable():
        yield Action("reload-agent", timeout=20)
    yield Action("meta-data", timeout=5)
    yield Action("validate-all", timeout=20)


def action_line(action: Action) -> str:
    """Return the element of one action; times are in seconds."""
    return "<action{}/>".format(
        attributes(
            name=action.name,
            timeout=f"{action.timeout}s",
            interval=None if action.interval is None else f"{action.interval}s",
            depth=None if action.depth is None else str(action.depth),
            role=action.role or None,
        )
    )
