"""The graph of a cluster: boxes, lines, the critical path and the impact of failures."""

from __future__ import annotations

import re
import shutil

import pytest
from lxml import etree
from states import clone, service, state

from pacemaker_os.cib.tree.relations import Relation
from pacemaker_os.errors import ClusterError
from pacemaker_os.render.graph.boxes import merged_boxes, separate_boxes
from pacemaker_os.render.graph.critical import critical_path
from pacemaker_os.render.graph.data import to_json
from pacemaker_os.render.graph.dot import FILLS, to_dot
from pacemaker_os.render.graph.model import Graph, draw
from pacemaker_os.render.graph.reduce import Line, reduce
from pacemaker_os.render.graph.svg import to_svg
from pacemaker_os.status.impact import Impact

needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not installed")


def order(first: str, then: str, mandatory: bool = True) -> Relation:
    return Relation("order", first, then, mandatory, "o", "start")


def together(first: str, then: str, mandatory: bool = True, apart: bool = False) -> Relation:
    return Relation("colocation", first, then, mandatory, "c", "", apart)


def cib(resources: str, constraints: str = "", status: str = "") -> etree._Element:
    return etree.fromstring(
        f"<cib><configuration><resources>{resources}</resources><constraints>{constraints}</constraints>"
        f"</configuration><status>{status}</status></cib>"
    )


def primitives(*names: str) -> str:
    return "".join(f'<primitive id="{name}"/>' for name in names)


def orders(*pairs: str) -> str:
    return "".join(f'<rsc_order id="{p}" first="{p[0]}" then="{p[1]}"/>' for p in pairs)


def drawn(names: str, *pairs: str, **more) -> Graph:
    """Return a graph of primitives (one letter each) on n1 and orders (two letters each)."""
    running = state(services=tuple(service(name, "n1") for name in names))
    return draw(cib(primitives(*names), orders(*pairs)), running, **more)


def names(graph: Graph) -> list[str]:
    found, _ = merged_boxes(graph)
    return sorted((">" if box.series else "+").join(unit.id for unit in box.units) for box in found)


def test_reduce_omits_shortcuts() -> None:
    found = reduce([order("a", "b"), order("b", "c"), order("a", "c")])
    assert found == (Line("a", "b", "mandatory"), Line("b", "c", "mandatory"))


def test_reduce_merges_order_and_colocation_of_a_pair() -> None:
    assert reduce([order("a", "b", False), together("b", "a")]) == (Line("a", "b", "optional", "mandatory"),)


def test_reduce_keeps_anti_colocation() -> None:
    assert reduce([together("a", "b", apart=True)]) == (Line("a", "b", "", "apart"),)


def test_reduce_cycle_keeps_all_services() -> None:
    assert names(drawn("abc", "ab", "bc", "ca")) == ["a", "b", "c"]
    assert len(reduce([order(*pair) for pair in ("ab", "ba", "ac", "ca", "bc", "cb")])) >= 3


def test_folded_merges_series() -> None:
    assert names(drawn("abcd", "ab", "bc", "cd")) == ["a>b>c>d"]


def test_folded_ends_series_at_service_with_other_lines() -> None:
    assert names(drawn("abcdx", "ab", "bc", "cd", "bx")) == ["a>b", "c>d", "x"]


def test_folded_merges_equal_services() -> None:
    assert names(drawn("abcx", "ax", "bx", "cx")) == ["a+b+c", "x"]


def test_singly_has_one_box_per_service() -> None:
    found, _ = separate_boxes(drawn("abcd", "ab", "bc", "cd"))
    assert len(found) == 4


def test_folded_has_every_service_once() -> None:
    graph = drawn("abcdefgh", "ab", "bc", "ad", "de", "eb", "fh", "gh")
    found, _ = merged_boxes(graph)
    assert sorted(unit.id for box in found for unit in box.units) == list("abcdefgh")


def test_draw_names_clones_and_groups_as_documents_do() -> None:
    resources = (
        f'<clone id="lb-clone"><primitive id="lb"/></clone><group id="g">{primitives("a", "b")}</group>'
    )
    graph = draw(
        cib(resources, orders() + '<rsc_order id="o" first="lb-clone" then="a"/>'),
        state(services=(clone("lb"), service("a", "n1", group="g", parents=("g",)))),
    )
    assert [(unit.id, unit.kind, unit.members) for unit in graph.units] == [
        ("lb", "clone", ()),
        ("g", "group", ("a", "b")),
    ]
    assert [(each.first, each.then) for each in graph.relations] == [("lb", "g")]


def test_critical_path_takes_longest() -> None:
    relations = [order("a", "b"), order("b", "c"), order("a", "slow"), order("slow", "c")]
    assert critical_path({"a": 1, "b": 1, "c": 1, "slow": 9}, relations) == ("a", "slow", "c")
    assert critical_path({"a": 0, "b": 0, "c": 0, "slow": 0}, [*relations, order("b", "slow")]) == (
        "a",
        "b",
        "slow",
        "c",
    )


def test_critical_path_cycle_ends() -> None:
    assert set(critical_path({"a": 1, "b": 1}, [order("a", "b"), order("b", "a")])) == {"a", "b"}


def test_critical_path_may_be_a_single_service() -> None:
    assert critical_path({"a": 1, "b": 1, "alone": 9}, [order("a", "b")]) == ("alone",)


def test_critical_path_without_orders_and_times_is_empty() -> None:
    assert critical_path({"a": 0}, []) == ()


def test_draw_reads_start_times_from_the_status() -> None:
    status = (
        '<node_state uname="n1"><lrm><lrm_resources><lrm_resource id="a:0">'
        '<lrm_rsc_op operation="start" rc-code="0" exec-time="4200"/></lrm_resource></lrm_resources></lrm>'
        "</node_state>"
    )
    graph = draw(cib(primitives("a"), status=status), state(services=(service("a", "n1"),)))
    assert graph.units[0].seconds == 4.2
    assert "a (4 s)" in to_dot(graph)


def test_dot_shows_the_impact_of_failures() -> None:
    impacts = (
        Impact("a", "stops", (), "does not run: no quorum"),
        Impact("b", "moves", ("n2",)),
        Impact("c", "reduced", ("n2", "n3")),
    )
    dot = to_dot(drawn("abcx", failed_nodes=["n1"], impacts=impacts))
    for expected in ("stops: does not run: no quorum", "moves to n2", "remains on n[2-3]", "n1: failed"):
        assert expected in dot


def test_dot_escapes_labels() -> None:
    graph = draw(cib('<primitive id="a&quot;&lt;b"/>'), state(cluster='x"<y', services=()))
    dot = to_dot(graph)
    assert '"a\\"<b"' in dot
    assert "a&quot;&lt;b" in dot


def test_json_has_all_relations_and_reduced_lines() -> None:
    data = to_json(drawn("abc", "ab", "bc", "ac"))
    assert (data["format"], len(data["relations"]), len(data["lines"])) == (2, 3, 2)
    assert data["critical_path"] == ["a", "b", "c"]


@needs_dot
def test_svg_is_xml_with_dark_colors() -> None:
    svg = to_svg(to_dot(drawn("abc", "ab", "bc")))
    root = etree.fromstring(svg.encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in svg
    used = {name for group in re.findall(r'class="node ([^"]*)"', svg) for name in group.split()}
    assert used <= {*FILLS, "critical"}


@needs_dot
def test_svg_invalid_dot_is_an_error() -> None:
    with pytest.raises(ClusterError, match="graphviz cannot draw the graph"):
        to_svg("digraph {")


def test_svg_without_graphviz_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    # A PATH with the required programs except dot.
    for program in ("env", "timeout", "sh"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match="apt install graphviz") as error:
        to_svg("digraph {}")
    assert error.value.code == "no-graphviz"
