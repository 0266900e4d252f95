"""Measure the agents in comparison with the shell agents, and inject faults during continuous writes."""
