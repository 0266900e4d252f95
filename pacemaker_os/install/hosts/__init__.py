"""Host steps: gather facts, install packages, write files, and hand units over to Pacemaker."""
