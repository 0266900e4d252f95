"""Run commands, with pcs in one process of the system's Python, because importing pcs takes half a second.

Reads one JSON list of arguments per line and answers each with a JSON list: the exit status and the output.
"""

import json
import os
import subprocess
import sys
import tempfile


def main() -> None:
    """Answer every line of standard input."""
    from pcs import app

    for line in sys.stdin:
        argv = json.loads(line)
        with tempfile.TemporaryFile() as output:
            status = run_pcs(app, argv[1:], output) if argv[0] == "pcs" else run(argv, output)
            output.seek(0)
            answer = [status, output.read().decode("utf-8", "replace")]
        print(json.dumps(answer), flush=True)


def run(argv, output):
    """Run a program and return its exit status."""
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode


def run_pcs(app, argv, output):
    """Run pcs in a child process and return its exit status."""
    child = os.fork()
    if child == 0:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        status = 1
        try:
            app.main(argv)
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, state = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(state)


main()
