"""The HTML report: self-contained, well formed and accessible."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from lxml import etree
from states import clone, service, state

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster import Target
from pacemaker_os.cluster.planning.survival import SurvivalReport
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import Cause, Effect
from pacemaker_os.plan.survival.disruptions import Disruption
from pacemaker_os.plan.survival.node_failures import NodeFailure
from pacemaker_os.render.graph.model import draw
from pacemaker_os.render.report.campaign import read_campaign
from pacemaker_os.render.report.page import Report, share, to_html
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.timeline import Episode, Event
from pacemaker_os.status.values import Drift

HOSTILE = "<script>alert('x')</script>"
CIB = etree.fromstring(
    '<cib><configuration><resources><primitive id="vip"/><clone id="lb-clone"><primitive id="lb"/></clone>'
    '</resources><constraints><rsc_order id="o" first="lb" then="vip"/></constraints></configuration></cib>'
)
STATE = state(
    services=(service("vip"), clone("lb")),
    failures=(Failure(resource="vip", task="start", node="n2", status="error", reason=f"said {HOSTILE}"),),
    documents=(Drift(document="site", objects=9, changed=(("primitive vip", ("params.ip",)),)),),
)
CHANGE = ConfigChange(
    key="primitive:vip",
    kind="primitive",
    name="vip",
    parent_path=(("resources", ()),),
    old=None,
    new="<primitive/>",
)
CAUSE = Cause("conffile changed", "site.cib.yaml:3", change="primitive:lb")
TRIGGERED = Cause("triggered by lb (order o)", "", change="primitive:lb", triggered_by="lb")
EFFECT = Effect("restart", "lb", "lb-clone", "n1", "n1", cause=CAUSE)
PLAN = Plan(
    document="site",
    cluster="lab",
    base=Version(0, 1, 2),
    digest="",
    changes=(CHANGE,),
    effects=(
        EFFECT,
        replace(EFFECT, source="n2", node="n2"),
        replace(EFFECT, verb="move", node="n3"),
        replace(EFFECT, resource="vip", service="vip", cause=TRIGGERED),
    ),
)
SURVIVAL = SurvivalReport(
    1, ((NodeFailure(("n1",), 2, 3, True, (("n2",),)), (Disruption("vip", "does not run", "no place"),)),), ()
)
EVENTS = (
    Event(1000.0, 2.0, "n1", "vip", "stopped"),
    Event(1010.0, 0.0, "f", "n3", "fenced (reboot)"),
    Event(1030.0, 1.0, "n2", "vip", "start failed", True, "no nic"),
)
RECORD = Record(
    id="20260102T030405-0.2",
    when="2026-01-02T03:04:05+00:00",
    document="site",
    before=Version(0, 1, 2),
    after=Version(0, 2, 0),
    changes=(CHANGE,),
)
CAMPAIGN = read_campaign(
    '{"seed": 1, "faults": [{"kind": "kill", "recovered": 4.0, "acknowledged": 10, "wrong": []},'
    ' {"kind": "kill", "recovered": 9.0, "acknowledged": 20, "wrong": []}]}',
    file="campaign-galera.json",
)
FULL = Report(
    target=Target(container="lab-n1"),
    state=STATE,
    graph=draw(CIB, STATE),
    drawing='<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>tip</title></svg>',
    plan=PLAN,
    survival=SURVIVAL,
    history=(RECORD,),
    episodes=(Episode(EVENTS),),
    campaigns=(CAMPAIGN,),
)
BARE = Report(
    target=Target(),
    state=state(services=(), nodes=(), documents=()),
    graph=draw(CIB, state(services=())),
    missing=(("graph", "graphviz is needed"), ("survival", "documents are needed")),
)


class Page(HTMLParser):
    """The elements of a page; checks that every element is closed in order."""

    EMPTY = frozenset({"meta", "br", "link", "img", "input", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(params=[FULL, BARE], ids=["full", "bare"])
def html(request: pytest.FixtureRequest) -> str:
    return to_html(request.param)


def test_page_is_self_contained(html: str) -> None:
    page = Page(html)
    assert not page.all("script") and not page.all("link") and not page.all("img")
    assert all(str(link["href"]).startswith("#") for link in page.all("a"))
    assert "default-src 'none'" in html
    assert "url(" not in html and "@import" not in html


def test_page_works_with_keyboard_and_screen_reader(html: str) -> None:
    page = Page(html)
    assert page.all("html")[0]["lang"] == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.all("a")} <= set(ids)
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    # Scrollable regions have a name and can be focused by keyboard.
    boxes = [each for each in page.all("div") if "scroll" in str(each.get("class"))]
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in boxes)
    assert all(section.get("aria-labelledby") in ids for section in page.all("section"))


def test_page_escapes_exit_reasons() -> None:
    html = to_html(FULL)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_page_shows_every_part() -> None:
    html = to_html(FULL)
    for expected in (
        "vip does not run",
        "docker exec lab-n1 crm_resource --cleanup --resource vip",
        "9 objects",
        "primitive vip: params.ip",
        "n[1-2]",
        "n1 -&gt; n3",
        "conffile changed",
        "site.cib.yaml:3",
        "1 more service is affected (mandatory order; an optional one would avoid this):",
        "1970-01-01",
        "fenced n3",
        "no nic",
        "20260102T030405-0.2",
        "2 faults, 20 acknowledged writes",
        "2 of 2 simulated failures of 1 node stop a service",
        "n1, or n2",
        "lb, then vip",
    ):
        assert expected in html, expected
    assert "<title>tip" not in html


def test_page_shows_reason_for_missing_part() -> None:
    html = to_html(BARE)
    assert "graphviz is needed" in html
    assert "documents are needed" in html
    assert "No problems found." in html


def test_share_stays_within_the_episode() -> None:
    episode = Episode(EVENTS)
    for event in EVENTS:
        start, length = share(event, episode)
        assert 0 <= start < 100 and 0 < start + length <= 101


def luminance(color: str) -> float:
    """Return the relative luminance (WCAG 2.1)."""
    color = color.lstrip("#")
    color = "".join(c * 2 for c in color) if len(color) == 3 else color
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_style_has_sufficient_contrast(scheme: int) -> None:
    """WCAG 2.1, 1.4.3 requires at least 4.5 to 1."""
    rules = re.findall(r":root \{([^}]*)\}", to_html(BARE))[scheme]
    colors = dict(re.findall(r"--(\w+): (#\w+)", rules))
    for back in ("back", "panel"):
        for name in ("text", "quiet", "link", "critical", "warning", "good"):
            lighter, darker = sorted((luminance(colors[name]), luminance(colors[back])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (name, back)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"faults": [{}]}', '{"faults": [{"kind": 1}]}'])
def test_read_campaign_rejects_other_files(text: str) -> None:
    with pytest.raises(InputError, match=r"r\.json: not a result file of a fault campaign"):
        read_campaign(text, file="r.json")


def test_read_campaign_computes_recovery_times() -> None:
    (row,) = CAMPAIGN.rows
    assert (row.kind, row.faults, row.typical, row.longest, row.wrong) == ("kill", 2, 6.5, 9.0, 0)
