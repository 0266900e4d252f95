"""The page: everything that is known of a cluster, in one file that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pacemaker_os.cluster import Target
from pacemaker_os.cluster.planning.survival import SurvivalReport
from pacemaker_os.cluster.store.history import Record
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.survival.node_failures import summary
from pacemaker_os.render.graph.model import Graph
from pacemaker_os.render.graph.reduce import reduce
from pacemaker_os.render.plan.effect_blocks import blocks
from pacemaker_os.render.report.campaign import Campaign
from pacemaker_os.render.status.commands import typed
from pacemaker_os.status.clock import clock
from pacemaker_os.status.timeline import Episode, Event
from pacemaker_os.status.values import State
from pacemaker_os.text import fold

#: How many episodes and applies are shown, the latest ones.
EPISODES, APPLIES = 10, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the page shows; what is None or empty is not known, and the page says so.

    `drawing` is the graph as SVG; `missing` says why a part is not there, by the part's name.
    """

    target: Target
    state: State
    graph: Graph
    drawing: str = ""
    plan: Plan | None = None
    proof: SurvivalReport | None = None
    history: tuple[Record, ...] = ()
    episodes: tuple[Episode, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


def to_html(report: Report) -> str:
    """The page as text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pacemaker_os.render.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"clock": clock, "fold": fold}
    return environment.get_template("page.html.j2").render(
        report=report,
        state=report.state,
        graph=report.graph,
        drawing=inline(report.drawing),
        lines=reduce(report.graph.relations),
        blocks=blocks(report.plan, report.plan.effects) if report.plan else [],
        losses=summary(dict(report.proof.outcomes)) if report.proof else (0, 0),
        typed=lambda command: typed(command, report.target),
        share=share,
        missing=dict(report.missing),
        episodes=report.episodes[:EPISODES],
        history=report.history[:APPLIES],
    )


def inline(svg: str) -> str:
    """An SVG without what only a file of its own has and without tooltips, large enough to be read."""
    drawing = re.sub(r"<title>[^<]*</title>\n?", "", svg[max(svg.find("<svg"), 0) :])
    return re.sub(r'<svg width="(\d+)pt"', _readable, drawing, count=1)


def _readable(size: re.Match[str]) -> str:
    """However narrow the page is, letters are shown in two thirds of their size at least."""
    return f'<svg style="min-width: {int(size[1]) * 2 // 3}pt" width="{size[1]}pt"'


def share(event: Event, episode: Episode) -> tuple[float, float]:
    """Where the bar of an event begins, and how long it is, in hundredths of the whole episode."""
    whole = max(episode.seconds, 1.0)
    begin = 100 * (event.when - episode.events[0].when) / whole
    return round(min(begin, 99.0), 2), round(max(min(100 * event.seconds / whole, 100 - begin), 1.0), 2)
