"""Run pcs commands in one process of the system's Python, because importing pcs takes half a second.

Reads one JSON list of arguments per line and answers each with a JSON list: the exit status and the output.
"""

import json
import os
import sys
import tempfile


def main() -> None:
    """Answer every line of standard input."""
    from pcs import app

    for line in sys.stdin:
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                status = 1
                try:
                    app.main(json.loads(line))
                    status = 0
                except SystemExit as ended:
                    status = int(ended.code or 0)
                finally:
                    sys.stdout.flush()
                    os._exit(status)
            _, state = os.waitpid(child, 0)
            output.seek(0)
            answer = [os.waitstatus_to_exitcode(state), output.read().decode("utf-8", "replace")]
        print(json.dumps(answer), flush=True)


main()
