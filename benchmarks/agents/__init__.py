"""The agents, measured beside the shell agents; and faults under continuous writes."""
