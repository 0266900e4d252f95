"""`python -m pacemaker_os` is `pcs-os`."""

from pacemaker_os.cli.main import main

main()
