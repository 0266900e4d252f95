"""Lines with styles, on a terminal and elsewhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pacemaker_os.render.terminal import line, print_lines

LINES = (line(("Problems", "title")), line(), line(("! ", "critical"), ("down\rup [bold]", "")))


def test_lines_have_no_styles_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(lambda width: LINES[: width // 10])
    assert capsys.readouterr().out == "Problems\n\n! downup [bold]\n"


def test_lines_have_the_same_text_and_styles_with_color(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(lambda _: LINES, color=True)
    assert capsys.readouterr().out == "\x1b[1mProblems\x1b[0m\n\n\x1b[1;31m! \x1b[0mdownup [bold]\n"


def test_lines_without_a_terminal_need_no_console() -> None:
    code = "import sys; from pacemaker_os.render.terminal import line, print_lines\n"
    code += "print_lines(lambda _: [line(('x', 'title'))]); print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "x\nFalse\n"
