"""A cluster of containers, with real fencing and faults on demand.

The labels on Docker's containers and networks are the only state: what carries a lab's name is the lab.

    shape    what a lab is: names, addresses, labels               engine   Docker, with clear refusals
    sources  where packages come from      image    node images    nodes    containers and their network
    fencing  the power switches            up       the whole      faults   what can go wrong, on demand
"""
