"""The CIB, Pacemaker's configuration, as values.

`xml` reads and writes it; `ids` names what nobody named; `meaning` and
`difference` compare. Classes are declared in `resources`, `constraints`, `nvsets`, `rules`, `nodes` and
`administration`; `table` holds the words they are declared in.
"""

from __future__ import annotations

from pacemaker_os.cib.configuration import Cib, Opaque
from pacemaker_os.cib.element import Element, Origin

__all__ = ["Cib", "Element", "Opaque", "Origin"]
