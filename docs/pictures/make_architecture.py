"""Draw the packages of pacemaker-os and their imports: docs/pictures/architecture.svg.

    python docs/pictures/make_architecture.py

The rows are the layers of the import contract in setup.cfg. An arrow is an import. Imports that follow from
other arrows, and imports of the top-level modules (errors, text and others), are not drawn.
"""

from __future__ import annotations

import configparser
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("architecture.svg")
NAME = "pacemaker_os"

#: Packages outside of the layers, drawn in a column of their own.
AGENTS = ["agents", "ocf"]

#: Size of a box, distance between the centers of boxes and of rows, and margin, in pixels.
WIDTH, HEIGHT = 132, 44
COLUMN, ROW = 164, 92
MARGIN = 24

#: Distance between a box and the control points of an arrow that passes it, in pixels.
DETOUR = 90

STYLE = """
  rect { fill: #eef3f8; stroke: #5b7fa3; rx: 6px }
  rect.paper { fill: #ffffff; stroke: none }
  rect.agents { fill: #f5f0e6; stroke: #a08548 }
  text { font-family: sans-serif; font-size: 15px; fill: #1c2733; text-anchor: middle }
  text.size { font-size: 11px; fill: #55697d }
  path.import { fill: none; stroke: #7d93a8; stroke-width: 1.3; marker-end: url(#head) }
"""

Imports = dict[str, set[str]]


def packages_and_imports() -> tuple[dict[str, int], Imports]:
    """Return the number of modules of each package, and the packages that each package imports."""
    graph = grimp.build_graph(NAME, cache_dir=str(ROOT / ".mypy_cache" / "grimp"))
    sizes: dict[str, int] = {}
    for path in sorted((ROOT / NAME).iterdir()):
        if (path / "__init__.py").exists():
            sizes[path.name] = sum(1 for module in path.rglob("*.py") if module.name != "__init__.py")
    imports: Imports = {package: set() for package in sizes}
    for module in graph.modules:
        source = module.split(".")[1] if "." in module else ""
        for imported in graph.find_modules_directly_imported_by(module):
            target = imported.split(".")[1] if "." in imported else ""
            if source in sizes and target in sizes and source != target:
                imports[source].add(target)
    return sizes, imports


def essential(imports: Imports) -> Imports:
    """Return the imports without those that follow from others (the transitive reduction)."""
    indirect: Imports = {}
    for package in TopologicalSorter(imports).static_order():
        indirect[package] = {far for near in imports[package] for far in imports[near] | indirect[near]}
    return {package: imports[package] - indirect[package] for package in imports}


def rows(sizes: dict[str, int]) -> list[list[str]]:
    """Return the packages of each layer, from the top down."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    lines = settings["importlinter:contract:layers"]["layers"].split("\n")
    layers = [[name.strip().removeprefix(f"{NAME}.") for name in line.split("|")] for line in lines]
    return [row for layer in layers if (row := [name for name in layer if name in sizes])]


def positions(sizes: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return the center of each box."""
    layers = rows(sizes)
    widest = max(map(len, layers))
    found: dict[str, tuple[int, int]] = {}
    for number, layer in enumerate(layers):
        left = MARGIN + WIDTH // 2 + (widest - len(layer)) * COLUMN // 2
        for column, name in enumerate(layer):
            found[name] = (left + column * COLUMN, MARGIN + HEIGHT // 2 + number * ROW)
    for number, name in enumerate(AGENTS):
        y = MARGIN + HEIGHT // 2 + (len(layers) - len(AGENTS) + number) * ROW
        found[name] = (MARGIN + WIDTH // 2 + widest * COLUMN, y)
    return found


def box(name: str, size: int, center: tuple[int, int]) -> str:
    """Return the box of a package."""
    x, y = center
    kind = ' class="agents"' if name in AGENTS else ""
    return (
        f'<rect{kind} x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}"/>'
        f'<text x="{x}" y="{y}">{name}</text><text class="size" x="{x}" y="{y + 15}">{size} modules</text>'
    )


def arrow(start: tuple[int, int], end: tuple[int, int], centers: list[tuple[int, int]]) -> str:
    """Return the arrow of an import. It passes boxes between its ends on their right."""
    (x1, y1), (x2, y2) = start, end
    top, bottom = y1 + HEIGHT // 2, y2 - HEIGHT // 2 - 4
    if passed := between(start, end, centers):
        side = max(passed) + WIDTH // 2 + DETOUR
        curve = f"{side},{top + 40} {side},{bottom - 40}"
    else:
        middle = (top + bottom) // 2
        curve = f"{x1},{middle} {x2},{middle}"
    return f'<path class="import" d="M{x1},{top} C{curve} {x2},{bottom}"/>'


def between(start: tuple[int, int], end: tuple[int, int], centers: list[tuple[int, int]]) -> list[int]:
    """Return the horizontal positions of the boxes that a straight arrow would cross."""
    (x1, y1), (x2, y2) = start, end
    return [
        x for x, y in centers if y1 < y < y2 and abs(x - x1 - (x2 - x1) * (y - y1) / (y2 - y1)) < WIDTH / 2
    ]


def draw() -> str:
    """Return the picture."""
    sizes, imports = packages_and_imports()
    centers = positions(sizes)
    width = max(x for x, _ in centers.values()) + WIDTH // 2 + MARGIN
    height = max(y for _, y in centers.values()) + HEIGHT // 2 + MARGIN
    arrows = [
        arrow(centers[source], centers[target], list(centers.values()))
        for source, targets in sorted(essential(imports).items())
        for target in sorted(targets)
    ]
    boxes = [box(name, sizes[name], center) for name, center in centers.items()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">',
            "<title>Packages of pacemaker-os and their imports</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
            ' orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#7d93a8"/></marker></defs>',
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *arrows,
            *boxes,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(draw())
