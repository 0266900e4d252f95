"""The context of a deployment: its inputs, the inventory of its hosts, and the recorder of its steps."""
