"""What commands share: options, reading and writing files, running an apply, shell completion."""
