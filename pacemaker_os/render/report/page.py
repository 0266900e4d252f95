"""Render the HTML report: one self-contained file."""

from __future__ import annotations

import re

from pacemaker_os.cluster import Target
from pacemaker_os.cluster.planning.survival import SurvivalReport
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.survival.node_failures import summary
from pacemaker_os.render.graph.model import Graph
from pacemaker_os.render.graph.reduce import reduce
from pacemaker_os.render.plan.effect_blocks import blocks
from pacemaker_os.render.report.campaign import Campaign
from pacemaker_os.render.status.commands import next_step
from pacemaker_os.status.clock import clock
from pacemaker_os.status.timeline import Episode, Event
from pacemaker_os.status.values import State
from pacemaker_os.text import fold, quantity

#: Number of episodes and applies that are shown, the latest first.
EPISODES, APPLIES = 10, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The data of the page; parts that are None or empty are not available, and the page says so.

    `drawing` is the graph as SVG; `missing` is the reason for each missing part, by the name of the part.
    """

    target: Target
    state: State
    graph: Graph
    drawing: str = ""
    plan: Plan | None = None
    survival: SurvivalReport | None = None
    history: tuple[Record, ...] = ()
    episodes: tuple[Episode, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


def to_html(report: Report) -> str:
    """Return the page as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pacemaker_os.render.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"clock": clock, "fold": fold, "quantity": quantity}
    return environment.get_template("page.html.j2").render(
        report=report,
        state=report.state,
        graph=report.graph,
        drawing=inline(report.drawing),
        lines=reduce(report.graph.relations),
        blocks=blocks(report.plan, report.plan.effects) if report.plan else [],
        cases=summary(dict(report.survival.outcomes)) if report.survival else (0, 0),
        next_step=lambda finding: next_step(
            finding, report.target, [each.name for each in report.state.nodes]
        ),
        share=share,
        missing=dict(report.missing),
        episodes=report.episodes[:EPISODES],
        history=report.history[:APPLIES],
    )


def inline(svg: str) -> str:
    """Return an SVG for inclusion in a page: without header and tooltips, and with a minimum width."""
    drawing = re.sub(r"<title>[^<]*</title>\n?", "", svg[max(svg.find("<svg"), 0) :])
    return re.sub(r'<svg width="(\d+)pt"', _readable, drawing, count=1)


def _readable(size: re.Match[str]) -> str:
    """Return the start tag with a minimum width, which keeps text at two thirds of its size or more."""
    return f'<svg style="min-width: {int(size[1]) * 2 // 3}pt" width="{size[1]}pt"'


def share(event: Event, episode: Episode) -> tuple[float, float]:
    """Return start and length of the bar of an event, in percent of the episode."""
    total = max(episode.seconds, 1.0)
    start = 100 * (event.when - episode.events[0].when) / total
    return round(min(start, 99.0), 2), round(max(min(100 * event.seconds / total, 100 - start), 1.0), 2)
