"""A cluster of containers, with real fencing and faults on demand.

The labels of Docker containers, networks and volumes are the only state: everything with the name of a lab in
its label belongs to that lab.

    shape    names, addresses and labels     engine   connection to Docker
    sources  package archives                image    node images
    network  bridge of the lab               nodes    containers
    fencing  power switches                  document fencing devices and remote nodes
    up       start of a lab                  status   state of a lab
    faults   fault injection                 releases Debian releases
"""
