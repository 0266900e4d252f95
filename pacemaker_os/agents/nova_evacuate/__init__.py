"""Evacuates the instances of compute nodes that were fenced: each once, none twice, none forgotten.

agent       what Pacemaker asks           service      the process that works, until it is stopped
begin       how it begins
engine      one look, and what follows    decide       who, when and what next: no input, no output
policy      who may be evacuated          capacity     where there is room
marker      what is written into Nova     requests     what is written into the cluster
nova        Nova's words as values        api          Keystone and HTTP
credentials how to log in                 settings     what an operator says
home        what was lost on its way, woken where it was
report      what is told to people and to Prometheus
show        the same as JSON, for `pcs-os instances`
"""
