"""A fake Nova with Keystone for tests. `python3 nova_stand_in.py FILE` writes its credentials to FILE."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from nova_fake import Cloud
from nova_server import serve

CREDENTIALS = """\
OS_AUTH_URL=http://127.0.0.1:{port}
OS_USERNAME=nova
OS_PASSWORD=right
OS_PROJECT_NAME=service
"""


def main() -> None:
    """Serve until killed."""
    with serve(Cloud(2, 12)) as port:
        Path(sys.argv[1]).write_text(CREDENTIALS.format(port=port))
        threading.Event().wait()


if __name__ == "__main__":
    main()
