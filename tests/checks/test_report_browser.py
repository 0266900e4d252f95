"""The report in a browser: light, dark and narrow, without requests."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from test_report_page import FULL

from pacemaker_os.render.report.page import to_html

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed (Debian: chromium)")


def browse(page: Path, *options: str) -> str:
    """Run the browser headless and return its output."""
    line = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={page.parent / 'profile'}",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, env={**os.environ})
    assert done.returncode == 0, done.stderr
    return done.stdout


def corner(png: Path) -> tuple[tuple[int, int], tuple[int, ...]]:
    """Return the size of a picture, and the color of its first pixel."""
    data = png.read_bytes()
    width, height, _, kind = struct.unpack(">IIBB", data[16:26])
    at, packed = 8, b""
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    first = zlib.decompress(packed)[1:4]
    assert kind in (2, 6)
    return (width, height), tuple(first)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_text(to_html(FULL))
    return path


@pytest.mark.parametrize(
    ("options", "back"),
    [((), (255, 255, 255)), (("--blink-settings=preferredColorScheme=0",), (0x12, 0x17, 0x1D))],
    ids=["light", "dark"],
)
def test_page_follows_the_color_scheme(
    page: Path, tmp_path: Path, options: tuple[str, ...], back: tuple[int, ...]
) -> None:
    shot = tmp_path / "shot.png"
    browse(page, *options, "--window-size=1200,900", f"--screenshot={shot}")
    assert corner(shot) == ((1200, 900), back)


def test_narrow_page_fits_the_screen(page: Path, tmp_path: Path) -> None:
    """Wide content scrolls in its own region. A script that only this test adds measures the page."""
    measured = tmp_path / "measured.html"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    script = "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script>"
    text = page.read_text().replace(policy, f"{policy}; script-src 'unsafe-inline'")
    measured.write_text(text.replace("</body>", f"{script}</body>"))
    html = browse(measured, "--window-size=500,900", "--dump-dom")
    wide, screen = html.partition("<title>")[2].partition("</title>")[0].split()
    assert int(wide) <= int(screen)


def test_page_loads_without_console_messages(page: Path) -> None:
    """The browser reports no blocked or missing parts."""
    done = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "CONSOLE" not in done.stderr
    assert "<main" in done.stdout
