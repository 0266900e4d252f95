"""The deployment engine: from a topology to a running cloud.

    topology   topology file, secrets file, checks      facts      actual state of hosts
    changes    desired minus actual state, no I/O       rollout    order of services, no I/O
    context    inputs, inventory, recorder              nodes      logs and programs on nodes
    hosts      host changes are made                    jobs       one-off commands
    restarts   outdated services restart                phases     all steps, in order

`deploy` opens, checks and runs a deployment; `verify` tests the services afterwards.
"""
