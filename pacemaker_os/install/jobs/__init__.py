"""Jobs: one-off commands of services, with stamp files on the nodes where they ran."""
