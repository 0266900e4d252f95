"""The programs that deployments install on hosts, as files for tests to run."""

from __future__ import annotations

from pathlib import Path

import pacemaker_os

INSTALLED = Path(pacemaker_os.__file__).parent / "install" / "programs" / "installed"
