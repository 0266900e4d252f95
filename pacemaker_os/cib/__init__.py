"""A typed model of the CIB, Pacemaker's configuration.

The classes are in `resources`, `constraints`, `nvsets`, `rules`, `nodes` and `administration`; `table`
provides the functions that declare their fields. `xml` reads and writes XML, `ids` generates missing ids, and
`meaning` compares elements. `tree` works on the raw XML.
"""

from __future__ import annotations

from pacemaker_os.cib.configuration import Cib
from pacemaker_os.cib.element import Element, Opaque, Origin

__all__ = ["Cib", "Element", "Opaque", "Origin"]
