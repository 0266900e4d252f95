"""The nova-evacuate agent: evacuates every instance of a fenced compute node exactly once.

agent      the OCF actions                     settings   the parameters, as the engine reads them
service    the process of the engine           launch     its command line, and its re-execution
engine     the evacuation engine               decide     decisions about instances (pure)
nova       Nova's API, and markers in Nova     requests   evacuation requests in the CIB
report     the result of a poll cycle          plan       the plan of an evacuation
show       JSON for `pcs-os instances`
"""
