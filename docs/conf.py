"""How the pages are built: `sphinx-build -W docs build/docs`, from the extra `docs` of setup.cfg.

The pages below reference/ that repeat what the code says are written by generate/ before each build.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from generate import write_pages  # noqa: E402 (the paths come first)

from pacemaker_os import __version__  # noqa: E402

project = "pacemaker-os"
version = release = __version__
project_copyright = ""

extensions = ["myst_parser"]
# Quotes stay as the program prints them.
smartquotes = False
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["generate", "pictures"]

html_theme = "furo"
html_title = f"pacemaker-os {version}"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
# Editors fetch the schema from the top of the site: SITE/schema.json.
html_extra_path = ["../cib/schema.json"]

write_pages(DOCS / "reference")
